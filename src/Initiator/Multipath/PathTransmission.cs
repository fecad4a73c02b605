using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator.Multipath;

/// <summary>
/// The first transmission of a command, pooled: a command that needs no second one allocates nothing. What comes after a failure is told by
/// <see cref="NvmeMultipathNamespace.ContinueAsync"/>.
/// </summary>
internal sealed class PathTransmission : IValueTaskSource
{
    private readonly ReusePool<PathTransmission> _home;
    private readonly Action _onEnded;
    private ManualResetValueTaskSourceCore<bool> _core;
    private ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter _transmission;
    private NvmeMultipathNamespace? _disk;
    private PathNamespace? _path;
    private BlockCommand _command;
    private CancellationToken _cancellationToken;

    public PathTransmission(ReusePool<PathTransmission> home)
    {
        _home = home;
        _onEnded = OnEnded;
    }

    /// <summary>Sends the command. Any thread, once per renting.</summary>
    public ValueTask Start(NvmeMultipathNamespace disk, PathNamespace path, in BlockCommand command, CancellationToken cancellationToken)
    {
        (_disk, _path, _command, _cancellationToken) = (disk, path, command, cancellationToken);
        // Taken first: the token belongs to this use.
        var token = _core.Version;
        path.Association.Begin();
#pragma warning disable CA2012 // Awaited once: by OnEnded.
        _transmission = Submit(path, command, cancellationToken).ConfigureAwait(false).GetAwaiter();
#pragma warning restore CA2012
        if (_transmission.IsCompleted)
        {
            OnEnded();
        }
        else
        {
            _transmission.UnsafeOnCompleted(_onEnded);
        }

        return new ValueTask(this, token);
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            (_disk, _path, _command, _cancellationToken) = (null, null, default, default);
            _transmission = default;
            _home.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private static ValueTask Submit(PathNamespace path, in BlockCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return path.Disk.SubmitAsync(command, cancellationToken);
        }
#pragma warning disable CA1031 // A lease that is gone, for one: the task's end like any other.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(e);
        }
    }

    private void OnEnded()
    {
        Exception? error = null;
        try
        {
            _transmission.GetResult();
        }
#pragma warning disable CA1031 // The task's own end, or the reason for another transmission.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = e;
        }

        _path!.Association.End();
        if (error is null)
        {
            _core.SetResult(true);
        }
        else if (Failures.IsWorthAnotherTry(error))
        {
            _ = ContinueAsync(error);
        }
        else
        {
            _core.SetException(error);
        }
    }

    private async Task ContinueAsync(Exception error)
    {
        try
        {
            await _disk!.ContinueAsync(_command, _path, error, _cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // It is the task's.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _core.SetException(e);
            return;
        }

        _core.SetResult(true);
    }
}
