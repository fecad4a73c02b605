using System.Net;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Target.Tests.Seam;

/// <summary>A queue pair without a wire: drives the target's end of the seam as a transport would, and checks every answer.</summary>
public sealed partial class FakeQueuePair : QueuePair
{
    private static int _lastId;

    private readonly Stack<FakeCommand> _free = [];
    private readonly HashSet<FakeCommand> _busy = [];
    private QueuePairParameters? _parameters;
    private int _head;

    public FakeQueuePair(FakeLoop loop, BufferPool pool, TimeProvider time, DrainDeadlines deadlines)
    {
        Loop = loop;
        Pool = pool;
        Lifecycle = new QueuePairLifecycle(Id, this, deadlines, time);
    }

    public FakeLoop Loop { get; }

    public BufferPool Pool { get; }

    public IQueuePairHandler Handler { get; private set; } = null!;

    /// <summary>What Connect fixed.</summary>
    public QueuePairParameters? Parameters => _parameters;

    public override string Id { get; } = $"fake-{Interlocked.Increment(ref _lastId)}";

    public override NvmeTransportType TransportType => NvmeTransportType.Tcp;

    public override EndPoint? LocalEndPoint => Local;

    public EndPoint Local { get; set; } = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4420);

    public override EndPoint RemoteEndPoint { get; } = new IPEndPoint(IPAddress.Parse("192.0.2.99"), 40000);

    public override QueuePairLifecycle Lifecycle { get; }

    public QueuePairCapabilities Limits { get; set; } = new(8192, 1 << 20, 128, 1, false, false, GathersData: true);

    public override QueuePairCapabilities Capabilities => Limits;

    public override bool IsOnLoop => Loop.IsOnLoop;

    /// <summary>Commands without an answer.</summary>
    public int Outstanding => _busy.Count;

    public override void Start(IQueuePairHandler handler)
    {
        Handler = handler;
        Assert.True(Lifecycle.TryGoLive());
    }

    public override void OnConnected(in QueuePairParameters parameters)
    {
        if (_parameters != null)
        {
            Loop.Fail("Connected twice.");
        }

        _parameters = parameters;
    }

    public override void Post(IThreadPoolWorkItem item) => Loop.Post(item.Execute);

    /// <summary>A command arrives. Any thread.</summary>
    public HostRequest Send(HostRequest request)
    {
        Loop.Post(() => Deliver(request));
        return request;
    }

    /// <summary>A command arrives. On the loop.</summary>
    public void Deliver(HostRequest request)
    {
        if (_quiescing || !Lifecycle.TryAcquire(ReferenceKind.Command))
        {
            request.SetAnswer(new Answer(default, [], AnswerEnding.Refused));
            return;
        }

        FakeCommand command = _free.TryPop(out FakeCommand? free) ? free : new FakeCommand(this);
        _busy.Add(command);
        command.Begin(request);
        Handler.OnCommand(command);
    }

    /// <summary>The data of a command that withheld it arrive. Any thread.</summary>
    public void DeliverData(HostRequest request) => Loop.Post(() => _busy.Single(command => command.Request == request).DeliverData());

    /// <summary>Of <see cref="FakeCommand"/>: the command has its answer.</summary>
    public void Retire(FakeCommand command)
    {
        _busy.Remove(command);
        _free.Push(command);
    }

    /// <summary>Of <see cref="FakeCommand"/>: what every completion must have.</summary>
    public void CheckCompletion(HostRequest request, CompletionQueueEntry completion)
    {
        if (completion.CommandId != request.Entry.CommandId)
        {
            Loop.Fail($"CID {completion.CommandId} instead of {request.Entry.CommandId}.");
        }

        if (_parameters is not { } parameters)
        {
            return;
        }

        if (completion.SubmissionQueueId != parameters.QueueId)
        {
            Loop.Fail($"SQID {completion.SubmissionQueueId} instead of {parameters.QueueId}.");
        }

        _head = (_head + 1) % parameters.QueueSize;
        int expected = parameters.SubmissionQueueFlowControlDisabled ? 0xFFFF : _head;
        if (completion.SubmissionQueueHead != expected)
        {
            Loop.Fail($"SQHD {completion.SubmissionQueueHead} instead of {expected}.");
        }
    }
}
