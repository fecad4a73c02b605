namespace Nvmf.Transport.Rdma.Adapter;

/// <summary>enum ibv_wc_flags, same values (those of a reliable connection).</summary>
[Flags]
internal enum WorkCompletionFlags
{
    None = 0,

    /// <summary>The message had immediate data; it may have been an RDMA write, which uses up a receive and leaves its buffer as it was.</summary>
    WithImmediate = 2,

    /// <summary>The message invalidated a key of ours.</summary>
    WithInvalidate = 8,
}
