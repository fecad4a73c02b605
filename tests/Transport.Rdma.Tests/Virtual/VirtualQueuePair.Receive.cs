using Nvmf.EventLoop.Native;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <content>The receive queue, of its own or shared.</content>
internal sealed partial class VirtualQueuePair
{
    private readonly VirtualSharedReceiveQueue? _shared;
    private readonly Queue<ReceiveWorkRequest> _receives = new();

    private bool HasReceive => _shared is not null ? _shared.Posted.Count > 0 : _receives.Count > 0;

    public override int PostReceive(ReadOnlySpan<ReceiveWorkRequest> chain, out int posted)
    {
        lock (Fabric.Lock)
        {
            _object.Use("ibv_post_recv");
            posted = 0;
            foreach (ReceiveWorkRequest request in chain)
            {
                if (_shared is not null || _receives.Count == _attributes.ReceiveDepth)
                {
                    return -Errno.ENOMEM;
                }

                _receives.Enqueue(request);
                posted++;
            }

            if (_state == State.Error && Fabric.FlushesWhatIsPostedLate)
            {
                Flush();
            }

            Peer?.Run();
            return 0;
        }
    }

    /// <summary>An RDMA write with immediate data uses up a receive, and leaves its buffer as it was.</summary>
    private WorkCompletionStatus ReceiveNotice(uint length)
    {
        ReceiveWorkRequest receive = _shared is not null ? _shared.Posted.Dequeue() : _receives.Dequeue();
        Complete(new WorkCompletion { Id = receive.Id, Length = length, QueuePairNumber = Number, Flags = WorkCompletionFlags.WithImmediate }, -1);
        return WorkCompletionStatus.Success;
    }

    private WorkCompletionStatus Receive(in SendWorkRequest request)
    {
        ReceiveWorkRequest receive = _shared is not null ? _shared.Posted.Dequeue() : _receives.Dequeue();
        if (!VirtualMemory.IsLocal(_device, receive.First, true) || !VirtualMemory.IsLocal(_device, receive.Second, true))
        {
            Complete(new WorkCompletion { Id = receive.Id, Status = WorkCompletionStatus.LocalProtectionError, QueuePairNumber = Number }, -1);
            return WorkCompletionStatus.RemoteOperationError;
        }

        byte[] message = VirtualMemory.Gather(request);
        if (message.Length > receive.First.Length + receive.Second.Length)
        {
            Complete(new WorkCompletion { Id = receive.Id, Status = WorkCompletionStatus.LocalLengthError, QueuePairNumber = Number }, -1);
            EnterError();
            return WorkCompletionStatus.RemoteInvalidRequest;
        }

        int first = (int)Math.Min((uint)message.Length, receive.First.Length);
        message.AsSpan(0, first).CopyTo(VirtualMemory.Bytes(receive.First));
        message.AsSpan(first).CopyTo(VirtualMemory.Bytes(receive.Second));
        WorkCompletionFlags flags = request.Opcode switch
        {
            SendOpcode.SendWithInvalidate => WorkCompletionFlags.WithInvalidate,
            SendWithImmediate => WorkCompletionFlags.WithImmediate,
            _ => WorkCompletionFlags.None,
        };
        Complete(new WorkCompletion { Id = receive.Id, Length = (uint)message.Length, QueuePairNumber = Number, Flags = flags }, -1);
        return WorkCompletionStatus.Success;
    }
}
