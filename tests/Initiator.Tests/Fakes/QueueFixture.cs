using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;
using Nvmf.Testing;

namespace Nvmf.Initiator.Tests.Fakes;

/// <summary>An I/O queue over a <see cref="ManualQueuePair"/>, with a clock and a poisoned pool.</summary>
internal sealed class QueueFixture : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan AbortTimeout = TimeSpan.FromSeconds(2);

    private readonly QueueServices _services;

    public QueueFixture(int depth, long poolLimit = 16 << 20, ushort id = 1)
    {
        Pool = new PoisonedPool(poolLimit, 0);
        Pair = new ManualQueuePair(depth, Time);
        var options = new NvmeConnectOptions { SubsystemNqn = "nqn.test", AbortTimeout = AbortTimeout };
        _services = new QueueServices(Pool.Pool, Time, options)
        {
            TryAbort = (queue, command) =>
            {
                Aborts.Add(command);
                return MayAbort;
            },
            OnBroken = (_, _) => Broken++,
            OnQuarantined = (_, request) => Quarantined.Add(request.Name),
        };
        Queue = new NvmeQueue(Pair, id, depth, _services);
    }

    public PoisonedPool Pool { get; }

    public ManualTimeProvider Time { get; } = new();

    public ManualQueuePair Pair { get; }

    public NvmeQueue Queue { get; }

    public List<ushort> Aborts { get; } = [];

    public bool MayAbort { get; set; } = true;

    public int Broken { get; private set; }

    public List<string> Quarantined { get; } = [];

    public NvmeRequest NewRequest(uint tag = 0, bool urgent = false)
    {
        var request = _services.Requests.Rent();
        request.Entry = new SubmissionQueueEntry { Opcode = 2, Flags = 0x40, Dword10 = tag };
        request.Name = "Read";
        request.IsUrgent = urgent;
        request.ThrowsOnErrorStatus = true;
        request.Deadline = Time.GetTimestamp() + Timeout.Ticks;
        return request;
    }

    public Task<CompletionQueueEntry> Start(NvmeRequest request, CancellationToken cancellationToken = default) =>
        NvmeController.Start(request, Queue, cancellationToken).AsTask();

    public Task<CompletionQueueEntry> Start(uint tag = 0, CancellationToken cancellationToken = default) => Start(NewRequest(tag), cancellationToken);

    public Task<CompletionQueueEntry> StartRead(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        var request = NewRequest();
        request.UseDestination(destination);
        return Start(request, cancellationToken);
    }

    public void Scan()
    {
        Queue.RequestScan();
        Pair.Run();
    }

    public BufferLease Rent(int length)
    {
        Assert.True(Pool.Pool.TryRent(length, BufferPriority.InputOutput, out var lease));
        return lease;
    }

    public void Dispose()
    {
        Pair.Close(Nvmf.Abstractions.Lifecycle.TeardownCause.LocalClose);
        Pair.Run();
        foreach (var command in Pair.Unreleased.ToArray())
        {
            Pair.Release(command);
        }

        Pair.Run();
        Assert.True(Queue.Ended.Wait(Patience), "The queue did not end.");
        Pool.Dispose();
    }
}
