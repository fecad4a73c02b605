using System.Runtime.CompilerServices;

namespace Nvmf.Target.Queues;

/// <summary>
/// Plain counters of one queue: one writer, the loop; readers on other threads see a value that was right a moment ago.
/// </summary>
internal sealed class QueueCounters
{
    private readonly long[] _byOpcode = new long[256];
    private long _commands;
    private long _blocksRead;
    private long _blocksWritten;

    /// <summary>Commands received.</summary>
    public long Commands => Volatile.Read(ref _commands);

    /// <summary>Data read by hosts in units of 512 bytes.</summary>
    public long SectorsRead => Volatile.Read(ref _blocksRead);

    /// <summary>Data written by hosts in units of 512 bytes.</summary>
    public long SectorsWritten => Volatile.Read(ref _blocksWritten);

    public long ByOpcode(byte opcode) => Volatile.Read(ref _byOpcode[opcode]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnCommand(byte opcode)
    {
        _commands++;
        _byOpcode[opcode]++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnRead(uint bytes) => _blocksRead += bytes >> 9;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OnWritten(uint bytes) => _blocksWritten += bytes >> 9;
}
