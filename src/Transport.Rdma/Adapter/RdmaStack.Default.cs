using Nvmf.Transport.Rdma.Verbs;

namespace Nvmf.Transport.Rdma.Adapter;

/// <content>The stack of this machine.</content>
internal abstract partial class RdmaStack
{
    /// <summary>What public constructors use.</summary>
    public static RdmaStack Default { get; } = new VerbsStack();
}
