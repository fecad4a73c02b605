namespace Nvmf.Teardown.Tests.Hosts;

/// <summary>How a host takes what is sent to it.</summary>
public enum PeerMode
{
    /// <summary>At once, and asks for more.</summary>
    Reading,

    /// <summary>Not at all until the connection has ended at the target, with a receive window of a few KiB: then it reads everything that ever comes.</summary>
    ClosedWindow,

    /// <summary>A few KiB at a time with a small window, so that the end comes in the middle.</summary>
    Slow,
}
