using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator.Authentication;

/// <summary>The two commands on a queue of a controller.</summary>
internal sealed class QueueAuthenticationWire(NvmeController controller, NvmeQueue queue) : IAuthenticationWire
{
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var request = NewRequest(FabricsCommandType.AuthenticationSend, message.Length);
        request.UseSource(message);
        await RunAsync(request, "Authentication Send", cancellationToken).ConfigureAwait(false);
    }

    public async Task ReceiveAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        room.Span.Clear();
        var request = NewRequest(FabricsCommandType.AuthenticationReceive, room.Length);
        request.UseDestination(room);
        await RunAsync(request, "Authentication Receive", cancellationToken).ConfigureAwait(false);
    }

    private NvmeRequest NewRequest(FabricsCommandType type, int length)
    {
        var request = controller.NewRequest(queue, Entries.Authentication(type, length), "Authentication");
        request.ThrowsOnErrorStatus = false;
        return request;
    }

    private async Task RunAsync(NvmeRequest request, string name, CancellationToken cancellationToken)
    {
        var completion = await NvmeController.Start(request, queue, cancellationToken).ConfigureAwait(false);
        if (!completion.Status.IsSuccess)
        {
            throw new NvmeException(name, completion, $"subsystem {controller.Options.SubsystemNqn}, queue {queue.Id}", fabricsCommand: true);
        }
    }
}
