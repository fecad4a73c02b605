namespace Nvmf.EventLoop;

/// <summary>What a file descriptor is ready for; the values of <c>EPOLL*</c> (epoll_ctl(2)).</summary>
[Flags]
public enum ReadyEvents : uint
{
    /// <summary>Nothing but <see cref="Error"/> and <see cref="HangUp"/>, which epoll always reports.</summary>
    None = 0,

    /// <summary>Data, an end of stream or a connection to accept is there.</summary>
    Readable = 0x1,

    /// <summary>A write would make progress.</summary>
    Writable = 0x4,

    /// <summary>A pending error, or a message on the error queue.</summary>
    Error = 0x8,

    /// <summary>Both directions are shut.</summary>
    HangUp = 0x10,

    /// <summary>The peer shut its writing side.</summary>
    PeerClosed = 0x2000,

    /// <summary>Report changes only, not states. For descriptors whose state would be reported again and again.</summary>
    EdgeTriggered = 1u << 31,
}
