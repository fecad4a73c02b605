using System.Diagnostics.CodeAnalysis;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>A request that can be waited for, and that notices when it is completed twice.</summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Nobody asks the event for a wait handle, and without one it holds nothing.")]
internal sealed class TestRequest : BackendRequest
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _completed = new();
    private int _completions;

    public NvmeStatus Status { get; private set; }

    public bool IsComplete => _completed.IsSet;

    /// <summary>The last submission was answered at once.</summary>
    public bool WasInline { get; private set; }

    public int CompletedOnThread { get; private set; }

    /// <summary>Completions that were not asked for.</summary>
    public static int Surplus;

    public TestRequest Set(BackendOperation operation, ulong start = 0, ulong count = 0, BufferLease data = default, bool durable = false, bool deallocate = false)
    {
        (Operation, StartBlock, BlockCount, Data) = (operation, start, count, data);
        (ForceUnitAccess, Deallocate) = (durable, deallocate);
        return this;
    }

    public TestRequest Submit(NamespaceBackend backend)
    {
        _completed.Reset();
        Volatile.Write(ref _completions, 0);
        WasInline = backend.Submit(this, out NvmeStatus status);
        if (WasInline)
        {
            Complete(status);
        }

        return this;
    }

    public NvmeStatus Wait()
    {
        Assert.True(_completed.Wait(Deadline), $"{Operation} of {BlockCount} blocks at {StartBlock} did not complete.");
        return Status;
    }

    /// <summary>Takes what the back end lent, with its references.</summary>
    public List<BufferLease> TakeLent()
    {
        List<BufferLease> pieces = [.. Lent];
        ForgetLent();
        return pieces;
    }

    public NvmeStatus Run(NamespaceBackend backend) => Submit(backend).Wait();

    public override void Complete(NvmeStatus status)
    {
        if (Interlocked.Increment(ref _completions) != 1)
        {
            Interlocked.Increment(ref Surplus);
        }

        Status = status;
        CompletedOnThread = Environment.CurrentManagedThreadId;
        _completed.Set();
    }
}
