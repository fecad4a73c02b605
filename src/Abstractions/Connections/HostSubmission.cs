using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Connections;

/// <summary>
/// One submission of a <see cref="HostCommand"/>, as a transport keeps it. It ends twice: completed, when the controller answered or never will, and released, when
/// besides that nothing can read or write its data any more. Its command identifier is free after the first, its data after the second (invariant I2, failure F4).
/// </summary>
/// <remarks>On the loop only. Used again after its release.</remarks>
internal abstract class HostSubmission
{
    private IHostSubmissionOwner? _owner;
    private HostCommand? _command;
    private bool _completed;

    /// <summary>Links the free ones.</summary>
    public HostSubmission? NextFree { get; set; }

    public ushort CommandId { get; private set; }

    /// <summary>All of the data travels in the capsule.</summary>
    public bool InCapsule { get; private set; }

    /// <summary>A reference of its own, until the release; empty without data.</summary>
    public BufferLease Data { get; protected set; }

    /// <summary>Until the release.</summary>
    public HostCommand Command => _command!;

    /// <summary>Kernel, adapter or controller may still touch the data, or the entry: whatever the transport cannot exclude.</summary>
    protected abstract bool IsInUse { get; }

    /// <summary>Some of the data is quarantined: the command hears that instead of its release.</summary>
    protected bool IsQuarantined { get; set; }

    public void Begin(IHostSubmissionOwner owner, HostCommand command, ushort commandId, bool inCapsule)
    {
        _owner = owner;
        _command = command;
        _completed = false;
        IsQuarantined = false;
        CommandId = commandId;
        InCapsule = inCapsule;
        Data = command.Direction == DataDirection.None || command.Data.IsEmpty ? default : command.Data.Retain();
        OnBegun();
    }

    /// <summary>The controller answered; or it never will, and <paramref name="error"/> says why.</summary>
    public virtual void Complete(in CompletionQueueEntry completion, Exception? error)
    {
        _completed = true;
        try
        {
            _command!.OnCompleted(completion, error);
        }
        finally
        {
            ReleaseWhenDone();
        }
    }

    /// <summary>What the transport keeps of its own begins anew.</summary>
    protected abstract void OnBegun();

    /// <summary>To be called whenever <see cref="IsInUse"/> may have become false.</summary>
    protected void ReleaseWhenDone()
    {
        if (!_completed || IsInUse || _command is not { } command)
        {
            return;
        }

        Data.Release();
        Data = default;
        _command = null;
        _owner!.OnEnded(this, command, IsQuarantined);
    }
}
