using System.Diagnostics;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator;

namespace Nvmf.Bench.Load;

/// <summary>Keeps one queue full by reusable commands. Everything but the counters and <see cref="LoadWorker.RunAsync"/> happens on the queue's loop.</summary>
internal sealed class QueueWorker : LoadWorker, IThreadPoolWorkItem
{
    private readonly NvmeQueue _queue;
    private readonly LoadCommand[] _commands;
    private readonly uint _namespaceId;
    private readonly int _blockShift;
    private int _active;

    public QueueWorker(NvmeQueue queue, LoadOptions options, Workspace workspace, NvmeBlockDevice disk, BufferPool pool)
        : base(options, workspace)
    {
        _queue = queue;
        _namespaceId = disk.Id;
        _blockShift = int.Log2(disk.BlockSize);
        _commands = new LoadCommand[Math.Min(options.Depth, queue.Depth)];
        for (var i = 0; i < _commands.Length; i++)
        {
            _commands[i] = new LoadCommand(this) { Data = Rent(pool, options.Size) };
        }
    }

    public override void Dispose()
    {
        foreach (var command in _commands)
        {
            command.Data.Release();
            command.Data = default;
        }
    }

    /// <summary>On the loop.</summary>
    public void Execute()
    {
        Workspace.StartWalk();
        // Counted up front, so that a command that ends at once does not look like the last one.
        _active = _commands.Length;
        foreach (var command in _commands)
        {
            Submit(command);
        }

        _queue.Flush();
    }

    public void OnEnded(LoadCommand command, in CompletionQueueEntry completion, Exception? error)
    {
        if (error is null && completion.Status.IsSuccess)
        {
            OnSuccess(command.Work, command.Data, Stopwatch.GetTimestamp() - command.Work.Started);
        }
        else
        {
            OnFailure(command.Work, error?.Message ?? $"{completion.Status}.");
        }
    }

    public void OnReleased(LoadCommand command)
    {
        Workspace.Leave(command.Work.Slot);
        Submit(command);
    }

    protected override void Begin()
    {
        if (_queue.TryPost(this))
        {
            return;
        }

        Fail("The queue has ended.");
        End();
    }

    private void Submit(LoadCommand command)
    {
        if (Stopping || !TryPrepare(command) || !_queue.TrySubmit(command))
        {
            if (--_active == 0)
            {
                End();
            }
        }
    }

    private bool TryPrepare(LoadCommand command)
    {
        if (!TryChoose(ref command.Work))
        {
            return false;
        }

        Stamp(command.Work, command.Data);
        command.Direction = command.Work.IsWrite ? DataDirection.HostToController : DataDirection.ControllerToHost;
        command.Entry = default;
        command.Entry.Opcode = (byte)(command.Work.IsWrite ? InputOutputOpcode.Write : InputOutputOpcode.Read);
        command.Entry.Flags = SubmissionQueueEntryExtensions.SglFlags;
        command.Entry.NamespaceId = _namespaceId;
        command.Entry.StartingLba = Workspace.AddressOf(command.Work.Slot) >> _blockShift;
        command.Entry.Dword12 = ((uint)Options.Size >> _blockShift) - 1;
        command.Work.Started = Stopwatch.GetTimestamp();
        return true;
    }
}
