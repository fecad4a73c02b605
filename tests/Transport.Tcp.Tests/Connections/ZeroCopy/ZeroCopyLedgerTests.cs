using FsCheck;
using FsCheck.Fluent;
using Nvmf.Abstractions.Buffers;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections.ZeroCopy;

public class ZeroCopyLedgerTests
{
    /// <summary>A send of some pieces, or a notification of a range that begins at an offset from the oldest or the next index.</summary>
    public sealed record Step(bool IsSend, int Pieces, bool FromNext, int Offset, uint Length);

    [Theory]
    [InlineData(0u)]
    [InlineData(uint.MaxValue - 20)]
    public void BehavesLikeTheModel(uint firstIndex)
    {
        Gen<Step> sends = Gen.Choose(0, 3).Select(pieces => new Step(true, pieces, false, 0, 0));
        Gen<Step> notifications =
            from fromNext in Gen.Elements(true, false)
            from offset in Gen.Choose(-4, 4)
            from length in Gen.Frequency((8, Gen.Choose(0, 6).Select(x => (uint)x)), (1, Gen.Elements(uint.MaxValue, uint.MaxValue - 1, 0x8000_0000u)))
            select new Step(false, 0, fromNext, offset, length);
        Gen<Step[]> runs = Gen.Frequency((3, sends), (2, notifications)).ArrayOf();
        Prop.ForAll(runs.ToArbitrary(), steps => Check(firstIndex, steps)).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void ALeaseOfTwoSendsIsFreeAfterBoth()
    {
        var ledger = new ZeroCopyLedger();
        ledger.BeginSend();
        ledger.Add(default, 10, null);
        ledger.BeginSend();
        ledger.Add(default, 20, new CountingOwner());
        ledger.Complete(1, 1);
        Assert.False(ledger.TryRetire(out _), "The second notification overtook the first.");
        Assert.Equal(1, ledger.Outstanding);
        ledger.Complete(0, 0);
        Assert.True(ledger.TryRetire(out LedgerPiece first));
        Assert.True(ledger.TryRetire(out LedgerPiece second));
        Assert.Equal((10, 20), (first.Bytes, second.Bytes));
        Assert.NotNull(second.Owner);
        Assert.False(ledger.TryRetire(out _));
        Assert.True(ledger.IsEmpty);
    }

    [Fact]
    public void DuplicatesAndStrangersAreCounted()
    {
        var ledger = new ZeroCopyLedger(5);
        ledger.BeginSend();
        ledger.BeginSend();
        ledger.Complete(0, 5);
        Assert.Equal(5, ledger.TakeUnknownIndices());
        ledger.Complete(5, 5);
        Assert.Equal(1, ledger.TakeUnknownIndices());
        ledger.Complete(100, 200);
        Assert.Equal(101, ledger.TakeUnknownIndices());
        Assert.Equal(1, ledger.Outstanding);
        ledger.Complete(6, 9);
        Assert.Equal(3, ledger.TakeUnknownIndices());
        Assert.Equal(0, ledger.Outstanding);
    }

    [Fact]
    public void AbandoningTellsProvenFromUnproven()
    {
        var ledger = new ZeroCopyLedger();
        for (int i = 0; i < 3; i++)
        {
            ledger.BeginSend();
            ledger.Add(default, i + 1, null);
        }

        ledger.Complete(1, 1);
        var seen = new List<(int, bool)>();
        while (ledger.TryAbandon(out LedgerPiece piece, out bool proven))
        {
            seen.Add((piece.Bytes, proven));
        }

        Assert.Equal([(1, false), (2, true), (3, false)], seen);
        Assert.True(ledger.IsEmpty);
        Assert.Equal(0, ledger.Bytes);
    }

    private static void Check(uint firstIndex, Step[] steps)
    {
        var ledger = new ZeroCopyLedger(firstIndex);
        var outstanding = new Queue<(uint Index, Queue<int> Pieces)>();
        var completed = new HashSet<uint>();
        uint next = firstIndex;
        int pieceId = 0;
        foreach (Step step in steps)
        {
            if (step.IsSend)
            {
                ledger.BeginSend();
                var pieces = new Queue<int>();
                for (int i = 0; i < step.Pieces; i++)
                {
                    pieces.Enqueue(++pieceId);
                    ledger.Add(default(BufferLease), pieceId, null);
                }

                outstanding.Enqueue((next++, pieces));
            }
            else
            {
                uint oldest = outstanding.Count > 0 ? outstanding.Peek().Index : next;
                uint low = (step.FromNext ? next : oldest) + (uint)step.Offset;
                uint high = low + step.Length;
                ledger.Complete(low, high);
                foreach ((uint index, _) in outstanding)
                {
                    if (step.Length < int.MaxValue && index - low <= high - low)
                    {
                        completed.Add(index);
                    }
                }
            }

            var retired = new List<int>();
            while (ledger.TryRetire(out LedgerPiece piece))
            {
                retired.Add(piece.Bytes);
            }

            var expected = new List<int>();
            while (outstanding.Count > 0 && completed.Contains(outstanding.Peek().Index))
            {
                (uint index, Queue<int> pieces) = outstanding.Dequeue();
                completed.Remove(index);
                expected.AddRange(pieces);
            }

            Assert.Equal(expected, retired);
            Assert.Equal(outstanding.Count == 0, ledger.IsEmpty);
            Assert.Equal(outstanding.Count - completed.Count, ledger.Outstanding);
            Assert.Equal(outstanding.Sum(send => send.Pieces.Sum()), ledger.Bytes);
        }
    }
}
