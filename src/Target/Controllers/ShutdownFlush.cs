using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Diagnostics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Controllers;

/// <summary>Flushes every namespace, one after the other, before a controller reports its shutdown as complete. Belongs to no queue.</summary>
internal sealed class ShutdownFlush : BackendRequest
{
    private readonly Controller _controller;
    private readonly Namespace[] _namespaces;
    private int _next;

    public ShutdownFlush(Controller controller)
    {
        _controller = controller;
        _namespaces = [.. controller.Subsystem?.Namespaces ?? []];
        Operation = BackendOperation.Flush;
    }

    /// <summary>Once; may end in this call.</summary>
    public void Start() => Continue();

    /// <inheritdoc/>
    public override void Complete(NvmeStatus status)
    {
        Note(status);
        _namespaces[_next - 1].EndUse();
        Continue();
    }

    private void Continue()
    {
        while (_next < _namespaces.Length)
        {
            Namespace ns = _namespaces[_next++];
            if (!ns.TryUse())
            {
                continue;
            }

            try
            {
                if (!ns.Backend.Submit(this, out NvmeStatus status))
                {
                    return;
                }

                Note(status);
            }
            catch (Exception exception)
            {
                TargetLog.FlushFailed(_controller.Target.Logger, exception, _controller.Id, ns.Id);
            }

            ns.EndUse();
        }

        _controller.OnFlushed(this);
    }

    // The status of a shutdown has no room for errors; the log has.
    private void Note(NvmeStatus status)
    {
        if (!status.IsSuccess)
        {
            TargetLog.FlushRefused(_controller.Target.Logger, _controller.Id, _namespaces[_next - 1].Id, status);
        }
    }
}
