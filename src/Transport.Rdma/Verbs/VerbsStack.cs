using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>The adapters of this machine, by RdmaSharp.</summary>
internal sealed class VerbsStack : RdmaStack
{
    public override string? NotSupportedReason => RdmaSharp.Rdma.UnsupportedReason;

    public override int CreateEventChannel(out CmEventChannel? channel)
    {
        int result = VerbsResult.Of(static () => new VerbsEventChannel(new RdmaSharp.RdmaEventChannel()), out VerbsEventChannel? made);
        channel = made;
        return result;
    }
}
