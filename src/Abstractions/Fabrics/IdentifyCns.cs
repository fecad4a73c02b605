namespace Nvmf.Abstractions.Fabrics;

/// <summary>CNS: what Identify is asked for (NVMe Base, Identify - CNS Values).</summary>
public enum IdentifyCns : byte
{
    /// <summary>Identify Namespace of the NVM command set: <see cref="IdentifyNamespace"/>.</summary>
    Namespace = 0x00,

    /// <summary>Identify Controller: <see cref="IdentifyController"/>.</summary>
    Controller = 0x01,

    /// <summary>Active namespace identifiers greater than NSID, up to 1024.</summary>
    ActiveNamespaceList = 0x02,

    /// <summary>List of <see cref="NamespaceIdentificationDescriptor"/>.</summary>
    NamespaceIdentificationDescriptors = 0x03,

    /// <summary>NVM Set list.</summary>
    NvmSetList = 0x04,

    /// <summary>Identify Namespace of the command set in CSI.</summary>
    CommandSetNamespace = 0x05,

    /// <summary>Identify Controller of the command set in CSI: <see cref="IdentifyNvmController"/> for CSI 0.</summary>
    CommandSetController = 0x06,

    /// <summary>Active namespace list of the command set in CSI.</summary>
    CommandSetActiveNamespaceList = 0x07,

    /// <summary>Command set independent Identify Namespace: <see cref="IdentifyIndependentNamespace"/>.</summary>
    IndependentNamespace = 0x08,

    /// <summary>Allocated namespace list.</summary>
    AllocatedNamespaceList = 0x10,

    /// <summary>Identify Namespace of an allocated namespace.</summary>
    AllocatedNamespace = 0x11,

    /// <summary>Controllers that a namespace is attached to.</summary>
    NamespaceAttachedControllerList = 0x12,

    /// <summary>Controllers of the NVM subsystem.</summary>
    ControllerList = 0x13,

    /// <summary>Primary controller capabilities.</summary>
    PrimaryControllerCapabilities = 0x14,

    /// <summary>Secondary controller list.</summary>
    SecondaryControllerList = 0x15,

    /// <summary>Namespace granularity list.</summary>
    NamespaceGranularityList = 0x16,

    /// <summary>UUID list.</summary>
    UuidList = 0x17,

    /// <summary>Domain list.</summary>
    DomainList = 0x18,

    /// <summary>Endurance group list.</summary>
    EnduranceGroupList = 0x19,

    /// <summary>Allocated namespace list of the command set in CSI.</summary>
    CommandSetAllocatedNamespaceList = 0x1A,

    /// <summary>Identify Namespace of an allocated namespace of the command set in CSI.</summary>
    CommandSetAllocatedNamespace = 0x1B,

    /// <summary>I/O command set combinations.</summary>
    CommandSetList = 0x1C,
}
