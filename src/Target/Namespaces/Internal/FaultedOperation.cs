using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Namespaces.Internal;

/// <summary>One request that a <see cref="FaultRule"/> applies to; what the inner back end sees in place of the request.</summary>
internal sealed class FaultedOperation(FaultInjectingBackend owner, NamespaceBackend inner, BackendRequest request, FaultRule rule)
    : BackendRequest
{
    private NvmeStatus _status;
    private bool _executed;
    private ITimer? _timer;

    public void Start()
    {
        if (rule.BeforeExecution)
        {
            owner.Wait(this, rule);
        }
        else
        {
            Execute();
        }
    }

    /// <summary>The wait is over.</summary>
    public void Continue()
    {
        if (_executed)
        {
            End();
        }
        else
        {
            Execute();
        }
    }

    public void ContinueAfter(TimeSpan delay, TimeProvider time)
    {
        // Made stopped: it must not fire before the field is set.
        _timer = time.CreateTimer(
            static state => ((FaultedOperation)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(delay, Timeout.InfiniteTimeSpan);
    }

    public override void Complete(NvmeStatus status)
    {
        _status = status;
        _executed = true;
        if (rule.BeforeExecution)
        {
            End();
            return;
        }

        _status = rule.Status ?? status;
        owner.Wait(this, rule);
    }

    private void OnTimer()
    {
        _timer!.Dispose();
        Continue();
    }

    private void Execute()
    {
        if (rule.FailsBeforeExecution)
        {
            Complete(rule.Status!.Value);
            return;
        }

        Operation = request.Operation;
        StartBlock = request.StartBlock;
        BlockCount = request.BlockCount;
        Data = request.Data;
        ForceUnitAccess = request.ForceUnitAccess;
        Deallocate = request.Deallocate;
        if (inner.Submit(this, out NvmeStatus status))
        {
            Complete(status);
        }
    }

    private void End()
    {
        request.Complete(_status);
        owner.OnEnded();
    }
}
