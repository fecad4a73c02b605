using System.Runtime.InteropServices;

namespace Nvmf.Abstractions.Fabrics;

// Fabrics attributes and the first power state, bytes 1792 to 2079.
public partial struct IdentifyController
{
    /// <summary>I/O queue command capsule supported size (IOCCSZ) in 16 bytes.</summary>
    [FieldOffset(1792)]
    public uint IoQueueCommandCapsuleSize;

    /// <summary>I/O queue response capsule supported size (IORCSZ) in 16 bytes.</summary>
    [FieldOffset(1796)]
    public uint IoQueueResponseCapsuleSize;

    /// <summary>In capsule data offset (ICDOFF) in 16 bytes.</summary>
    [FieldOffset(1800)]
    public ushort InCapsuleDataOffset;

    /// <summary>Fabrics controller attributes (FCATT): bit 0 set is a static controller model.</summary>
    [FieldOffset(1802)]
    public byte FabricsControllerAttributes;

    /// <summary>Maximum SGL data block descriptors (MSDBD); 0 is no limit.</summary>
    [FieldOffset(1803)]
    public byte MaxSglDataBlockDescriptors;

    /// <summary>Optional fabrics commands support (OFCS): bit 0 is Disconnect.</summary>
    [FieldOffset(1804)]
    public ushort OptionalFabricsCommands;

    /// <summary>Cross-Controller Reset operations at a time (CCRL); 0: the command is not supported.</summary>
    [FieldOffset(1807)]
    public byte CrossControllerResetLimit;

    /// <summary>Power state descriptor 0.</summary>
    [FieldOffset(2048)]
    public PowerStateDescriptor PowerState0;
}
