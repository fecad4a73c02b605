using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Properties;

/// <summary>In the steady state a command allocates nothing.</summary>
public class AllocationTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reads_and_writes_allocate_nothing(bool ofANullDisk)
    {
        await using var target = new TestTarget();
        if (ofANullDisk)
        {
            target.Subsystem.AddNamespace(new NamespaceOptions(), new NullBackend(4 << 20));
        }
        else
        {
            target.AddMemory();
        }

        TestHost host = await target.ConnectAsync();
        Seam.FakeQueuePair io = await host.ConnectIoAsync();
        long allocated = await io.Loop.RunAsync(() =>
        {
            using var data = new SteadyCommand(io, target.Pool.Pool);
            Run(io.Handler, data, 2_000);

            // Now and then the runtime allocates on this thread when it replaces code that became hot; what a command allocates is there every time.
            long least = long.MaxValue;
            for (int i = 0; i < 10 && least > 0; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Run(io.Handler, data, 2_000);
                least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return least;
        });
        Assert.Equal(0, allocated);
    }

    private static void Run(IQueuePairHandler handler, SteadyCommand command, int count)
    {
        for (int i = 0; i < count; i++)
        {
            command.Prepare(i % 2 == 0 ? InputOutputOpcode.Read : InputOutputOpcode.Write, inCapsule: i % 4 == 1, (ulong)(i % 512) * 8);
            handler.OnCommand(command);
            Assert.True(command.IsComplete);
        }
    }

    /// <summary>A transport's slot that allocates nothing itself.</summary>
    private sealed class SteadyCommand : QueuePairCommand, IDisposable
    {
        private readonly Seam.FakeQueuePair _queuePair;
        private readonly BufferLease _capsule;
        private SubmissionQueueEntry _entry;
        private BufferLease _inCapsule;

        public SteadyCommand(Seam.FakeQueuePair queuePair, BufferPool pool)
        {
            _queuePair = queuePair;
            Assert.True(pool.TryRent(4096, BufferPriority.Administration, out _capsule));
        }

        public bool IsComplete { get; private set; }

        public override QueuePair QueuePair => _queuePair;

        public override ref readonly SubmissionQueueEntry Entry => ref _entry;

        public override NvmeStatus TransportStatus => default;

        public override uint DataLength => 4096;

        public override BufferLease InCapsuleData => _inCapsule;

        public void Prepare(InputOutputOpcode opcode, bool inCapsule, ulong start)
        {
            _entry = Commands.InputOutput(opcode, start, 8);
            _inCapsule = inCapsule ? _capsule : default;
            IsComplete = false;
        }

        public override void ReceiveData(BufferLease destination) => _queuePair.Handler.OnDataReceived(this, NvmeStatus.Success);

        public override void Complete(in CompletionQueueEntry completion) => IsComplete = completion.Status.IsSuccess;

        public override void CompleteWithData(in CompletionQueueEntry completion, BufferLease data)
        {
            IsComplete = completion.Status.IsSuccess;
            data.Release();
        }

        public override void CompleteWithData(in CompletionQueueEntry completion, ReadOnlySpan<BufferLease> pieces)
        {
            IsComplete = completion.Status.IsSuccess;
            foreach (BufferLease piece in pieces)
            {
                piece.Release();
            }
        }

        public override void Drop()
        {
        }

        public void Dispose() => _capsule.Release();
    }
}
