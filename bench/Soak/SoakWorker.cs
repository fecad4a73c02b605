using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting;
using Nvmf.Initiator;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Bench.Soak;

/// <summary>
/// One listener at a time, with a host of its own on a region of its own: add, connect, load, remove in the middle, again. The region's contents outlive the
/// listeners, so a write that a removal lost, tore or let through late is found by the next host.
/// </summary>
internal sealed class SoakWorker(SoakRun run, INvmeTargetControl control, TcpHostQueuePairConnector connector, BufferPool pool, int index, int seed)
{
    public const int RegionBytes = SoakSlot.Bytes * Slots;

    private const int Slots = 16;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Random _random = new(seed);
    private readonly SoakSlot[] _slots = [.. Enumerable.Range(0, Slots).Select(i => new SoakSlot((ulong)(index * RegionBytes + i * SoakSlot.Bytes)))];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (run.GoesOn(cancellationToken))
        {
            try
            {
                await RunOnceAsync().ConfigureAwait(false);
            }
            catch (Exception error)
            {
                run.Judge(false, $"worker {index}, seed {seed}: {error}");
            }
        }
    }

    private async Task RunOnceAsync()
    {
        NvmeListenerInfo listener = await control.AddListenerAsync("tcp://127.0.0.1:0").ConfigureAwait(false);
        var options = new NvmeConnectOptions
        {
            SubsystemNqn = SoakRun.Nqn,
            HostId = Guid.NewGuid(),
            QueueCount = _random.Next(1, 3),
            HeaderDigest = _random.Next(2) == 0,
            DataDigest = _random.Next(2) == 0,
            DisableSqFlowControl = _random.Next(2) == 0,
            ShutdownTimeout = TimeSpan.FromSeconds(1),
        };
        NvmeController controller = await NvmeController.ConnectAsync(connector, await listener.Address.ResolveAsync().ConfigureAwait(false), options, pool)
            .WaitAsync(Patience).ConfigureAwait(false);
        await using (controller.ConfigureAwait(false))
        {
            NvmeNamespace disk = await controller.OpenNamespaceAsync(1).WaitAsync(Patience).ConfigureAwait(false);
            Task[] load = [.. _slots.Select(slot => LoadAsync(disk, slot, new Random(_random.Next())))];
            await Task.Delay(_random.Next(1, 10)).ConfigureAwait(false);
            TimeSpan grace = _random.Next(10) == 0 ? TimeSpan.FromMilliseconds(_random.Next(1, 20)) : TimeSpan.Zero;
            IReadOnlyList<DrainReport> reports =
                await control.RemoveListenerAsync(listener.Address.ToString(), grace).WaitAsync(Patience).ConfigureAwait(false);
            run.CountRemoval(reports);
            run.Judge(reports.Sum(r => r.QuarantinedBytes) == 0, "memory was quarantined");
            await Task.WhenAll(load).WaitAsync(Patience).ConfigureAwait(false);
        }
    }

    /// <summary>Writes and reads one slot until the connection is gone.</summary>
    private async Task LoadAsync(NvmeNamespace disk, SoakSlot slot, Random random)
    {
        byte[] data = new byte[SoakSlot.Bytes];
        while (true)
        {
            bool writes = !slot.IsUncertain && random.Next(3) == 0;
            try
            {
                if (writes)
                {
                    slot.Prepare(data);
                    await disk.WriteAsync(slot.Block, data).ConfigureAwait(false);
                    slot.Acknowledge();
                    run.CountWrite();
                }
                else
                {
                    await disk.ReadAsync(slot.Block, data).ConfigureAwait(false);
                    if (slot.Check(data) is { } fault)
                    {
                        run.Judge(false, $"worker {index}, seed {seed}: {fault}");
                    }

                    run.CountRead();
                }
            }
            catch (Exception error) when (error is NvmeConnectionException or NvmeException or TimeoutException or OperationCanceledException)
            {
                return;
            }
        }
    }
}
