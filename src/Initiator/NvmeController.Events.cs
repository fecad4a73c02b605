using System.Threading.Channels;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

public sealed partial class NvmeController
{
    // A controller sends the next event of a kind only after its log page was read, so a few are plenty; one that floods us loses the oldest.
    private readonly Channel<AsynchronousEventResult> _events = Channel.CreateBounded<AsynchronousEventResult>(
        new BoundedChannelOptions(64) { FullMode = BoundedChannelFullMode.DropOldest, SingleWriter = true });

    /// <summary>
    /// Asynchronous events, in order; completes when the association ends. Reading the log page that an event names (RAE = 0) makes the controller
    /// report further events of the kind.
    /// </summary>
    public ChannelReader<AsynchronousEventResult> Events => _events.Reader;

    private async Task StartEventsAsync(CancellationToken cancellationToken)
    {
        var count = Math.Min(Options.AsyncEventRequests, _identity.AsynchronousEventRequestLimit + 1);
        if (count == 0)
        {
            return;
        }
        // Everything that the controller announces.
        if (_identity.SupportedAsynchronousEvents != AsynchronousEvents.None)
        {
            await SetFeatureAsync(
                FeatureIdentifier.AsynchronousEventConfiguration, (uint)_identity.SupportedAsynchronousEvents, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }

        for (var i = 0; i < count; i++)
        {
            AdminQueue.TryPost(new AsyncEventCommand(AdminQueue, _events.Writer));
        }
    }
}
