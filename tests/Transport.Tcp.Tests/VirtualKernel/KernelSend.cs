namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>What one successful send put into the model's queue.</summary>
/// <remarks>
/// <code>
/// queued ──► transmitted ──► acknowledged ──┬──► free ──► notified
///    └────────── purged (disconnect, RST) ──┘
/// </code>
/// A copying send is in nobody's memory but the kernel's. A zero-copy send refers to the caller's until it is free, also after it was acknowledged or
/// purged: clones of its packets may wait in a queueing discipline.
/// </remarks>
internal sealed class KernelSend(uint? index, List<KernelSend.Range> ranges)
{
    public uint? Index { get; } = index;

    public List<Range> Ranges { get; } = ranges;

    public int Length { get; } = ranges.Sum(range => range.Stamp.Length);

    public int Transmitted { get; set; }

    public int Acknowledged { get; set; }

    public bool IsPurged { get; set; }

    /// <summary>The kernel no longer reads the caller's memory.</summary>
    public bool IsFree { get; set; } = index is null;

    /// <summary>A notification for it is on the error queue, or was.</summary>
    public bool IsNotified { get; set; }

    /// <summary>The connection has read that notification.</summary>
    public bool IsReported { get; set; }

    public bool MayBecomeFree => !IsFree && (IsPurged || Acknowledged == Length);

    /// <summary>The first range whose memory no longer holds what it held at the time of the send.</summary>
    public unsafe Range? FindDamage()
    {
        foreach (Range range in Ranges)
        {
            if (!new ReadOnlySpan<byte>((byte*)range.Address, range.Stamp.Length).SequenceEqual(range.Stamp))
            {
                return range;
            }
        }

        return null;
    }

    /// <summary>The bytes as the adapter would read them now.</summary>
    public unsafe void Read(int from, int length, List<byte> destination)
    {
        foreach (Range range in Ranges)
        {
            int skip = Math.Min(from, range.Stamp.Length);
            int part = Math.Min(length, range.Stamp.Length - skip);
            destination.AddRange(Index is null ? range.Stamp.AsSpan(skip, part) : new ReadOnlySpan<byte>((byte*)range.Address + skip, part));
            from -= skip;
            length -= part;
        }
    }

    /// <summary>Contiguous memory with a copy of what it held.</summary>
    public sealed record Range(nint Address, byte[] Stamp);
}
