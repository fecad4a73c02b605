using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>An event channel of librdmacm.</summary>
internal sealed class VerbsEventChannel(RdmaSharp.RdmaEventChannel channel) : CmEventChannel
{
    public RdmaSharp.RdmaEventChannel Native => channel;

    public override SafeHandle Descriptor { get; } = new SafeFileHandle(channel.Descriptor, ownsHandle: false);

    public override int CreateId(out CmId? id)
    {
        int result = VerbsResult.Of(() => new VerbsId(new RdmaSharp.RdmaId(channel)), out VerbsId? made);
        id = made;
        return result;
    }

    public override int TryGetEvent(out CmEvent cmEvent)
    {
        cmEvent = default;
        try
        {
            if (!channel.TryGetEvent(out RdmaSharp.RdmaConnectionEvent? fetched))
            {
                return -RdmaSharp.Errno.EAGAIN;
            }

            cmEvent.Type = fetched.Type;
            cmEvent.Status = fetched.Status;
            cmEvent.Id = VerbsId.Of(fetched.Id);
            cmEvent.ListenId = fetched.ListenId is { } listener ? VerbsId.Of(listener) : null;
            cmEvent.ResponderResources = fetched.Parameters.ResponderResources;
            cmEvent.InitiatorDepth = fetched.Parameters.InitiatorDepth;
            cmEvent.PrivateDataLength = fetched.CopyPrivateData(cmEvent.PrivateData);
            cmEvent.Token = VerbsToken.Of(fetched);
            return 0;
        }
        catch (RdmaSharp.RdmaException exception)
        {
            return -exception.ErrorNumber;
        }
    }

    public override void Acknowledge(in CmEvent cmEvent) => VerbsToken.Take<RdmaSharp.RdmaConnectionEvent>(cmEvent.Token).Acknowledge();

    public override void Destroy() => channel.Dispose();
}
