using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>A protocol that takes everything, now and then into a lease, and remembers what it was told.</summary>
internal sealed class VirtualHandler(IOwnedMemoryConnectionFeature connection, Func<int, BufferLease> rent) : IOwnedMemoryConnectionHandler
{
    /// <summary>Length of the next <see cref="IOwnedMemoryConnectionFeature.ReceiveInto"/>, or 0.</summary>
    public int WantsInto { get; set; }

    public List<byte> Received { get; } = [];

    /// <summary>The last words of a protocol: the responses of running commands, a termination request.</summary>
    public Action? LastWords { get; init; }

    public bool IsQuiescing { get; private set; }

    public DrainReport? Report { get; private set; }

    public string? Misuse { get; private set; }

    public int OnReceived(ReadOnlySpan<byte> bytes)
    {
        Check();
        if (WantsInto == 0)
        {
            Received.AddRange(bytes);
            return bytes.Length;
        }

        BufferLease into = rent(WantsInto);
        WantsInto = 0;
        connection.ReceiveInto(into);
        into.Release();
        return 0;
    }

    public void OnReceivedInto(BufferLease destination)
    {
        Check();
        Received.AddRange(destination.Span);
    }

    public void OnBatchEnd() => Check();

    public void OnPeerClosed(Exception? error) => Check();

    public void OnQuiescing(TeardownCause cause)
    {
        Check();
        if (IsQuiescing)
        {
            Misuse ??= "OnQuiescing was called twice.";
        }

        IsQuiescing = true;
        LastWords?.Invoke();
    }

    public void OnClosed(DrainReport report)
    {
        Check();
        Report = report;
    }

    private void Check()
    {
        if (Report is not null)
        {
            Misuse ??= "A call after OnClosed.";
        }
    }
}
