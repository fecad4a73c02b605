namespace Nvmf.Hostile.Tests.Client;

/// <summary>A byte stream to a target, from the host's end.</summary>
internal abstract class HostWire : IDisposable
{
    /// <summary>Hands bytes to the target. What it does not take any more is dropped.</summary>
    public abstract void Send(ReadOnlySpan<byte> bytes);

    /// <summary>The next PDU, or null when the target closed the stream (or reset it).</summary>
    /// <exception cref="HostileException">Neither came in time.</exception>
    public abstract byte[]? ReceivePdu();

    /// <summary>Closes the host's end and checks that the target lets go of its own.</summary>
    public abstract void End();

    public abstract void Dispose();
}
