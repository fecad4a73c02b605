namespace RdmaSharp;

/// <summary>State of a port (<c>enum ibv_port_state</c>).</summary>
public enum PortState
{
    /// <summary>Reserved.</summary>
    None = 0,

    /// <summary>No link.</summary>
    Down = 1,

    /// <summary>A link, not configured.</summary>
    Initializing = 2,

    /// <summary>Configured, not active.</summary>
    Armed = 3,

    /// <summary>Carries data.</summary>
    Active = 4,

    /// <summary>Active, the link failed a moment ago.</summary>
    ActiveDeferred = 5,
}
