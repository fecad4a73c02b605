using Nvmf.Bench.Load;

namespace Nvmf.Bench.Soak;

/// <summary>
/// A few blocks with one command at a time, and what must be in each: its last acknowledged generation, or, after a write without an answer, that write's or the
/// one before. What is found then must stay: a generation that turns up later is a ghost of an ended connection.
/// </summary>
internal sealed class SoakSlot(ulong address)
{
    public const int Bytes = 64 << 10;

    private readonly ulong[] _generations = new ulong[Bytes / Stamp.Unit];
    private ulong _lastGeneration;

    public ulong Block => address / Stamp.Unit;

    /// <summary>A write got no answer: it has to be read before the next one.</summary>
    public bool IsUncertain { get; private set; }

    /// <summary>Fills in the next write.</summary>
    public void Prepare(Span<byte> data)
    {
        IsUncertain = true;
        Stamp.Write(data, address, ++_lastGeneration);
    }

    /// <summary>The write was answered with success.</summary>
    public void Acknowledge()
    {
        IsUncertain = false;
        Array.Fill(_generations, _lastGeneration);
    }

    /// <returns>Null when all is as it must be.</returns>
    public string? Check(ReadOnlySpan<byte> data)
    {
        for (int i = 0; i < _generations.Length; i++)
        {
            ReadOnlySpan<byte> block = data.Slice(i * Stamp.Unit, Stamp.Unit);
            if (CheckBlock(block, i, _generations[i]) is not { } fault)
            {
                continue;
            }

            if (!IsUncertain || CheckBlock(block, i, _lastGeneration) is not null)
            {
                return fault;
            }

            _generations[i] = _lastGeneration;
        }

        IsUncertain = false;
        return null;
    }

    private string? CheckBlock(ReadOnlySpan<byte> block, int index, ulong generation) => generation == 0
        ? block.ContainsAnyExcept((byte)0) ? $"at byte {address + (ulong)(index * Stamp.Unit)}: data where nothing was written" : null
        : Stamp.Check(block, address + (ulong)(index * Stamp.Unit), generation);
}
