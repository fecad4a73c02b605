using System.Buffers.Binary;
using Nvmf.Initiator;

namespace Nvmf.Interop.GuestHost;

/// <summary>
/// Writers that remember what was acknowledged: each has slots of its own, writes the next generation of one, or reads one back. Whatever happens to the paths, a
/// slot holds the generation that was acknowledged last, whole.
/// </summary>
internal sealed class AcknowledgedWrites(NvmeBlockDevice disk)
{
    private const int Workers = 4;
    private const int Slots = 64;
    private const int SlotBlocks = 8;

    private readonly long[][] _acknowledged = [.. Enumerable.Range(0, Workers).Select(static _ => new long[Slots])];
    private long _count;

    /// <summary>Writes that were acknowledged.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>Writes and reads until it is stopped.</summary>
    /// <exception cref="InvalidDataException">An acknowledged write is lost; the message says which.</exception>
    public async Task RunAsync(CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            try
            {
                await WorkAsync(worker, end.Token);
            }
            finally
            {
                // After a failure, nobody else goes on.
                await end.CancelAsync();
            }
        })));
    }

    /// <summary>Reads everything back.</summary>
    /// <exception cref="InvalidDataException">An acknowledged write is lost.</exception>
    public async Task VerifyAsync()
    {
        for (int worker = 0; worker < Workers; worker++)
        {
            for (int slot = 0; slot < Slots; slot++)
            {
                await CheckAsync(worker, slot);
            }
        }
    }

    private static ulong BlockOf(int worker, int slot) => (ulong)(((worker * Slots) + slot) * SlotBlocks);

    private async Task WorkAsync(int worker, CancellationToken stop)
    {
        var random = new Random(worker);
        while (!stop.IsCancellationRequested)
        {
            int slot = random.Next(Slots);
            if (random.Next(4) == 0)
            {
                await CheckAsync(worker, slot);
                continue;
            }

            await disk.WriteAsync(BlockOf(worker, slot), Stamped(worker, slot, _acknowledged[worker][slot] + 1), cancellationToken: CancellationToken.None);
            _acknowledged[worker][slot]++;
            Interlocked.Increment(ref _count);
        }
    }

    private async Task CheckAsync(int worker, int slot)
    {
        long generation = _acknowledged[worker][slot];
        if (generation == 0)
        {
            return;
        }

        var found = new byte[SlotBlocks * disk.BlockSize];
        await disk.ReadAsync(BlockOf(worker, slot), found);
        if (!found.AsSpan().SequenceEqual(Stamped(worker, slot, generation)))
        {
            throw new InvalidDataException($"Worker {worker}, slot {slot}: generation {BinaryPrimitives.ReadInt64LittleEndian(found.AsSpan(8))} instead of {generation}.");
        }
    }

    private byte[] Stamped(int worker, int slot, long generation)
    {
        var data = new byte[SlotBlocks * disk.BlockSize];
        for (int i = 0; i < data.Length; i += 16)
        {
            BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i), ((long)worker << 32) | (uint)slot);
            BinaryPrimitives.WriteInt64LittleEndian(data.AsSpan(i + 8), generation);
        }

        return data;
    }
}
