namespace RdmaSharp;

/// <summary>How a send work request is done (<c>enum ibv_send_flags</c>).</summary>
[Flags]
public enum SendFlags : uint
{
    /// <summary>A completion only if it fails, or if the queue pair signals all.</summary>
    None = 0,

    /// <summary>Starts after all earlier RDMA reads and atomics.</summary>
    Fence = 1,

    /// <summary>Ends with a completion.</summary>
    Signaled = 2,

    /// <summary>The peer is notified even if it asked for solicited completions only.</summary>
    Solicited = 4,

    /// <summary>The data is copied while posting: the buffer is free afterwards and needs no key.</summary>
    Inline = 8,

    /// <summary>Offloads IP checksums.</summary>
    Checksum = 16,
}
