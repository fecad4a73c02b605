namespace Nvmf.Hostile.Tests.Client;

/// <summary>How far a session has come when it is injured.</summary>
internal enum Stage
{
    /// <summary>Connected by TCP, nothing said.</summary>
    Fresh,

    /// <summary>ICReq and ICResp are through.</summary>
    Handshaken,

    /// <summary>An admin queue whose controller is not enabled.</summary>
    Connected,

    /// <summary>An admin queue, controller ready.</summary>
    Ready,

    /// <summary>An I/O queue.</summary>
    InputOutput,

    /// <summary>An I/O queue with a write that the target asked the data for, some of it sent.</summary>
    Transfer,
}
