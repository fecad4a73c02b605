namespace RdmaSharp;

/// <summary>What happened to a connection identifier (<c>enum rdma_cm_event_type</c>, rdma_get_cm_event(3)).</summary>
public enum ConnectionEventType
{
    /// <summary>The destination is known and the identifier bound to a device.</summary>
    AddressResolved = 0,

    /// <summary>The destination could not be resolved.</summary>
    AddressError = 1,

    /// <summary>The route is known.</summary>
    RouteResolved = 2,

    /// <summary>The route could not be resolved.</summary>
    RouteError = 3,

    /// <summary>Somebody wants to connect to a listener; the event's identifier is new.</summary>
    ConnectRequest = 4,

    /// <summary>The peer accepted, and the identifier has no queue pair of its own.</summary>
    ConnectResponse = 5,

    /// <summary>The connection could not be made.</summary>
    ConnectError = 6,

    /// <summary>The peer does not answer.</summary>
    Unreachable = 7,

    /// <summary>The peer rejected the request; the status is its transport's reason, 28 if its user gave one.</summary>
    Rejected = 8,

    /// <summary>The connection is there.</summary>
    Established = 9,

    /// <summary>The connection ended.</summary>
    Disconnected = 10,

    /// <summary>The device is going: all that was made from it has to be destroyed.</summary>
    DeviceRemoval = 11,

    /// <summary>A multicast group was joined.</summary>
    MulticastJoin = 12,

    /// <summary>A multicast group could not be joined, or broke.</summary>
    MulticastError = 13,

    /// <summary>The network device's hardware address changed.</summary>
    AddressChange = 14,

    /// <summary>The queue pair may be used again.</summary>
    TimewaitExit = 15,
}
