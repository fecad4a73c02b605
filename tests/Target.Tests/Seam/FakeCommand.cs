using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Target.Tests.Seam;

/// <summary>A command slot of <see cref="FakeQueuePair"/>, reused like a transport's; checks that the target keeps to the contract.</summary>
public sealed class FakeCommand(FakeQueuePair queuePair) : QueuePairCommand
{
    private SubmissionQueueEntry _entry;
    private HostRequest? _request;
    private BufferLease _inCapsule;
    private BufferLease _destination;

    public override QueuePair QueuePair => queuePair;

    public override ref readonly SubmissionQueueEntry Entry => ref _entry;

    public override NvmeStatus TransportStatus => _request!.TransportStatus;

    public override uint DataLength => _request!.DataLength ?? (uint)(_request.HostData?.Length ?? 0);

    public override BufferLease InCapsuleData => _inCapsule;

    /// <summary>The target has asked for the host's data.</summary>
    public bool IsReceiving => !_destination.IsEmpty;

    public HostRequest? Request => _request;

    public void Begin(HostRequest request)
    {
        _request = request;
        _entry = request.Entry;
        if (request.InCapsule && request.HostData is { Length: > 0 } data)
        {
            if (!queuePair.Pool.TryRent(data.Length, BufferPriority.Administration, out _inCapsule))
            {
                throw new InvalidOperationException("No memory for in-capsule data.");
            }

            data.CopyTo(_inCapsule.Span);
        }
    }

    public override void ReceiveData(BufferLease destination)
    {
        Check();
        if (IsReceiving)
        {
            queuePair.Loop.Fail("ReceiveData twice.");
        }

        if (destination.Length != DataLength)
        {
            queuePair.Loop.Fail($"ReceiveData into {destination.Length} bytes for {DataLength}.");
        }

        _destination = destination.Retain();
        if (!_request!.WithholdData)
        {
            DeliverData();
        }
    }

    /// <summary>The host's data arrive. On the loop; may run inside ReceiveData, as it may in a real transport.</summary>
    public void DeliverData()
    {
        BufferLease destination = _destination;
        _destination = default;
        if (_request!.TransferStatus.IsSuccess)
        {
            (_request.HostData ?? new byte[destination.Length]).CopyTo(destination.Span);
        }

        NvmeStatus status = _request.TransferStatus;
        destination.Release();
        queuePair.Handler.OnDataReceived(this, status);
    }

    public override void Complete(in CompletionQueueEntry completion)
    {
        Check();
        if (IsReceiving)
        {
            queuePair.Loop.Fail("Complete while data is on its way.");
        }

        End(new Answer(completion, [], AnswerEnding.Completed));
    }

    public override void CompleteWithData(in CompletionQueueEntry completion, BufferLease data) => Send(in completion, new ReadOnlySpan<BufferLease>(in data));

    public override void CompleteWithData(in CompletionQueueEntry completion, ReadOnlySpan<BufferLease> pieces)
    {
        if (!queuePair.Capabilities.GathersData)
        {
            queuePair.Loop.Fail("Pieces for a transport that does not gather.");
        }

        Send(in completion, pieces);
    }

    private void Send(in CompletionQueueEntry completion, ReadOnlySpan<BufferLease> pieces)
    {
        Check();
        if (!completion.Status.IsSuccess)
        {
            queuePair.Loop.Fail("Data with an error.");
        }

        byte[] bytes = Gathered.Bytes(pieces);
        if (bytes.Length != DataLength)
        {
            queuePair.Loop.Fail($"{bytes.Length} bytes for an SGL of {DataLength}.");
        }

        foreach (BufferLease piece in pieces)
        {
            queuePair.Transmit(piece);
        }

        End(new Answer(completion, bytes, AnswerEnding.Completed));
    }

    public override void Drop()
    {
        Check();
        if (IsReceiving)
        {
            _destination.Release();
            _destination = default;
        }

        End(new Answer(default, [], AnswerEnding.Dropped));
    }

    /// <summary>The queue pair is destroyed with this command still out.</summary>
    public void Abandon()
    {
        if (!_inCapsule.IsEmpty)
        {
            _inCapsule.Release();
        }

        _inCapsule = default;
    }

    private void Check()
    {
        if (!queuePair.IsOnLoop)
        {
            queuePair.Loop.Fail("Not on the loop.");
        }

        if (_request == null)
        {
            queuePair.Loop.Fail("The command is not outstanding.");
        }
    }

    private void End(Answer answer)
    {
        HostRequest request = _request!;
        _request = null;
        if (!_inCapsule.IsEmpty)
        {
            _inCapsule.Release();
        }

        _inCapsule = default;
        if (answer.Ending == AnswerEnding.Completed)
        {
            queuePair.CheckCompletion(request, answer.Completion);
        }

        queuePair.Retire(this);
        request.SetAnswer(answer);
        queuePair.Lifecycle.Release(ReferenceKind.Command);
    }
}
