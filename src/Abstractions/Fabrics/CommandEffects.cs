namespace Nvmf.Abstractions.Fabrics;

/// <summary>One entry of the Commands Supported and Effects log page (NVMe Base).</summary>
[Flags]
public enum CommandEffects : uint
{
    /// <summary>Not supported.</summary>
    None = 0,

    /// <summary>CSUPP: the command is supported.</summary>
    Supported = 1u << 0,

    /// <summary>LBCC: may change logical blocks.</summary>
    LogicalBlockContentChange = 1u << 1,

    /// <summary>NCC: may change the capability of one namespace.</summary>
    NamespaceCapabilityChange = 1u << 2,

    /// <summary>NIC: may change the number or capabilities of namespaces.</summary>
    NamespaceInventoryChange = 1u << 3,

    /// <summary>CCC: may change controller capabilities.</summary>
    ControllerCapabilityChange = 1u << 4,

    /// <summary>CSE 001b: submit only while no other command to the same namespace is outstanding.</summary>
    OneCommandPerNamespace = 1u << 16,

    /// <summary>CSE 010b: submit only while no other command to any namespace is outstanding.</summary>
    OneCommand = 2u << 16,

    /// <summary>UUID selection is supported.</summary>
    UuidSelection = 1u << 19,

    /// <summary>CSP: the effects are on one namespace.</summary>
    NamespaceScope = 1u << 20,

    /// <summary>CSP: the effects are on one controller.</summary>
    ControllerScope = 1u << 21,
}
