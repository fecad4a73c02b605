namespace Nvmf.Abstractions.Fabrics;

/// <summary>EFLAGS of a discovery log entry.</summary>
[Flags]
public enum DiscoveryEntryFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The same information came in another entry (DUPRETINFO).</summary>
    DuplicateReturnedInformation = 1 << 0,

    /// <summary>Persistent connections (keep-alive above 0) to the discovery controller are supported (EPCSD).</summary>
    ExplicitPersistentConnection = 1 << 1,

    /// <summary>The central discovery controller is not connected (NCC).</summary>
    NoCentralDiscovery = 1 << 2,
}
