using Nvmf.Target.Queues;

namespace Nvmf.Target.Diagnostics;

/// <summary>Commands of several queues by opcode: the sum of what they counted. Not thread safe.</summary>
internal sealed class CommandTotals
{
    private readonly long[] _admin = new long[256];
    private readonly long[] _io = new long[256];

    public long SectorsRead { get; private set; }

    public long SectorsWritten { get; private set; }

    public void Add(TargetQueue queue)
    {
        QueueCounters counters = queue.Counters;
        long[] totals = queue.IsAdmin ? _admin : _io;
        for (int opcode = 0; opcode < totals.Length; opcode++)
        {
            totals[opcode] += counters.ByOpcode((byte)opcode);
        }

        SectorsRead += counters.SectorsRead;
        SectorsWritten += counters.SectorsWritten;
    }

    public void Add(CommandTotals other)
    {
        for (int opcode = 0; opcode < _io.Length; opcode++)
        {
            _admin[opcode] += other._admin[opcode];
            _io[opcode] += other._io[opcode];
        }

        SectorsRead += other.SectorsRead;
        SectorsWritten += other.SectorsWritten;
    }

    public long Admin(byte opcode) => _admin[opcode];

    public long InputOutput(byte opcode) => _io[opcode];
}
