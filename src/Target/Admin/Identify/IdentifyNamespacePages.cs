using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.Identify;

/// <summary>
/// Identify pages about one namespace (CNS 00h, 03h, 05h, 08h). An identifier that is valid but not in use gets a page of zeroes, except by CNS 03h. The broadcast identifier
/// asks for what namespaces have in common, which is a part of namespace management: invalid.
/// </summary>
internal static class IdentifyNamespacePages
{
    // DLFEAT: deallocated blocks read as zeroes (001b); Write Zeroes may deallocate (bit 3).
    private const byte DeallocatedReadZeroes = 0x01;
    private const byte WriteZeroesDeallocates = 0x08;

    // NMIC: more than one controller may use the namespace at a time.
    private const byte Shared = 1;
    private const byte WriteProtected = 1;
    private const byte Ready = 1;

    /// <summary>CNS 00h.</summary>
    public static NvmeStatus Write(Controller controller, uint namespaceId, Span<byte> page)
    {
        if (!IsValid(controller, namespaceId))
        {
            return NvmeStatus.InvalidNamespace;
        }

        if (controller.Subsystem!.FindNamespace(namespaceId) is not { } ns)
        {
            return NvmeStatus.Success;
        }

        ref IdentifyNamespace identify = ref WireStructure.View<IdentifyNamespace>(page);
        ulong blocks = ns.BlockCount;
        identify.NamespaceSize = blocks;
        identify.NamespaceCapacity = blocks;
        identify.NamespaceUtilization = blocks;
        identify.MultipathCapabilities = Shared;
        identify.ReservationCapabilities = ns.Reservations.Capabilities;
        identify.DeallocateFeatures = (byte)(WriteZeroesDeallocates | (ns.Backend.DeallocatedBlocksReadZeroes ? DeallocatedReadZeroes : 0));
        WritePreferredSizes(ns, ref identify);
        identify.MaxSingleSourceRangeLength = ns.CopyLimits.BlocksPerRange;
        identify.MaxCopyLength = ns.CopyLimits.Blocks;
        identify.MaxSourceRangeCount = CopyLimits.Ranges - 1;
        identify.AnaGroupId = AnaGroup(controller);
        identify.Attributes = ns.ReadOnly ? WriteProtected : (byte)0;
        identify.Nguid = new Identifier128(ns.Nguid);
        identify.LbaFormat0.DataSize = (byte)ns.BlockShift;
        return NvmeStatus.Success;
    }

    /// <summary>CNS 05h for the NVM command set: no protection information, so nothing but zeroes.</summary>
    public static NvmeStatus WriteCommandSet(Controller controller, uint namespaceId) =>
        IsValid(controller, namespaceId) ? NvmeStatus.Success : NvmeStatus.InvalidNamespace;

    /// <summary>CNS 08h.</summary>
    public static NvmeStatus WriteIndependent(Controller controller, uint namespaceId, Span<byte> page)
    {
        if (!IsValid(controller, namespaceId))
        {
            return NvmeStatus.InvalidNamespace;
        }

        if (controller.Subsystem!.FindNamespace(namespaceId) is not { } ns)
        {
            return NvmeStatus.Success;
        }

        ref IdentifyIndependentNamespace identify = ref WireStructure.View<IdentifyIndependentNamespace>(page);
        identify.MultipathCapabilities = Shared;
        identify.ReservationCapabilities = ns.Reservations.Capabilities;
        identify.AnaGroupId = AnaGroup(controller);
        identify.Attributes = ns.ReadOnly ? WriteProtected : (byte)0;
        identify.Status = Ready;
        return NvmeStatus.Success;
    }

    /// <summary>CNS 03h.</summary>
    public static NvmeStatus WriteDescriptors(Controller controller, uint namespaceId, Span<byte> page)
    {
        if (controller.Subsystem!.FindNamespace(namespaceId) is not { } ns)
        {
            return NvmeStatus.InvalidNamespace;
        }

        page = NamespaceIdentificationDescriptor.WriteUuid(page, ns.Uuid);
        page = NamespaceIdentificationDescriptor.WriteNguid(page, new Identifier128(ns.Nguid));
        NamespaceIdentificationDescriptor.WriteCommandSet(page, CommandSetIdentifier.Nvm);
        return NvmeStatus.Success;
    }

    private static void WritePreferredSizes(Namespace ns, ref IdentifyNamespace identify)
    {
        int blocks = ns.Backend.PreferredGranularity >> ns.BlockShift;
        if (blocks <= 1)
        {
            return;
        }

        ushort zeroBased = (ushort)(Math.Min(blocks, ushort.MaxValue + 1) - 1);
        identify.Features = NamespaceFeatures.OptimalSizes;
        identify.PreferredWriteGranularity = zeroBased;
        identify.PreferredWriteAlignment = zeroBased;
        identify.PreferredDeallocateGranularity = zeroBased;
        identify.PreferredDeallocateAlignment = zeroBased;
        identify.OptimalWriteSize = zeroBased;
    }

    private static bool IsValid(Controller controller, uint namespaceId) =>
        namespaceId != 0 && namespaceId <= (uint)controller.Subsystem!.MaxNamespaces;

    private static uint AnaGroup(Controller controller) => controller.Subsystem!.AnaReporting ? LogPages.AnaLogPage.GroupId : 0;
}
