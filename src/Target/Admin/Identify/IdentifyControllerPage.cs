using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.Identify;

/// <summary>Identify Controller (CNS 01h): announces what this target has, and nothing else.</summary>
internal static class IdentifyControllerPage
{
    private const ushort EntryOf16Bytes = 16;
    private const byte EntrySizes64 = 0x66;
    private const byte EntrySizes16 = 0x44;

    // One firmware slot, read only.
    private const byte FirmwareSlots = 0x03;

    // Present, and Flush takes the broadcast identifier (11b). Always: a namespace with a cache may be added to a host that looked before.
    private const byte WriteCachePresent = 0x07;

    // All five ANA states are reported, and a namespace never changes its group.
    private const byte AnaCapabilities = 0x5F;
    private const byte AnaTransitionSeconds = 10;
    private const ushort CopyFormat0 = 1;

    // Of one block: ACWU is 0.
    private const ushort CompareAndWriteFused = 1;

    // RTD3E: how long a host gives a shutdown, which flushes; in microseconds. Linux would give 5 s.
    private const uint ShutdownLatency = 10_000_000;

    // Traffic is noted, and an expired timer found, at ticks of half a second each.
    private static readonly TimeSpan TimerLateness = TimeSpan.FromSeconds(1);

    /// <summary>An I/O controller's.</summary>
    public static void Write(Controller controller, ref IdentifyController page)
    {
        Subsystem subsystem = controller.Subsystem!;
        WriteCommon(controller, ref page);
        page.SerialNumber.Set(subsystem.SerialNumber);
        page.ModelNumber.Set(subsystem.ModelNumber);
        page.FirmwareRevision.Set(subsystem.FirmwareRevision);
        page.ControllerType = ControllerType.InputOutput;
        page.MultipathCapabilities = ControllerMultipathCapabilities.MultiplePorts | ControllerMultipathCapabilities.MultipleControllers;
        page.LogPageAttributes |= LogPageAttributes.CommandsSupportedAndEffects;
        page.Attributes |= ControllerAttributes.ReservationsNeedHostIdentifier;
        page.EntryLatency = ShutdownLatency;
        page.FirmwareUpdates = FirmwareSlots;
        page.SubmissionQueueEntrySize = EntrySizes64;
        page.CompletionQueueEntrySize = EntrySizes16;
        page.Namespaces = (uint)subsystem.MaxNamespaces;
        page.MaxAllowedNamespaces = (uint)subsystem.MaxNamespaces;
        page.OptionalNvmCommands = OptionalNvmCommands.Compare | OptionalNvmCommands.DatasetManagement | OptionalNvmCommands.WriteZeroes
            | OptionalNvmCommands.SaveAndSelect | OptionalNvmCommands.Reservations | OptionalNvmCommands.Timestamp | OptionalNvmCommands.Verify | OptionalNvmCommands.Copy;
        page.VolatileWriteCache = WriteCachePresent;
        page.FusedOperations = CompareAndWriteFused;
        page.CopyDescriptorFormats = CopyFormat0;
        page.InstanceUniquifier = controller.Instance.Uniquifier;
        page.InstanceRandomNumber = controller.Instance.RandomNumber;
        page.CrossControllerResetLimit = Controller.ResetLimit;
        page.CommandQuiesceTime = (ushort)(controller.Target.Options.CommandQuiesceTime + TimerLateness).TotalMilliseconds;
        if (subsystem.AnaReporting)
        {
            page.MultipathCapabilities |= ControllerMultipathCapabilities.AsymmetricNamespaceAccess;
            page.AnaTransitionTime = AnaTransitionSeconds;
            page.AnaCapabilities = AnaCapabilities;
            page.MaxAnaGroupId = LogPages.AnaLogPage.GroupId;
            page.AnaGroups = 1;
        }
    }

    /// <summary>A discovery controller's.</summary>
    public static void WriteDiscovery(Controller controller, ref IdentifyController page)
    {
        WriteCommon(controller, ref page);
        page.SerialNumber.Set(SubsystemDefaults.SerialNumber(Nqn.Discovery));
        page.ModelNumber.Set(SubsystemDefaults.ModelNumber);
        page.FirmwareRevision.Set(SubsystemDefaults.FirmwareRevision);
        page.ControllerType = ControllerType.Discovery;
    }

    private static void WriteCommon(Controller controller, ref IdentifyController page)
    {
        NvmeTargetOptions options = controller.Target.Options;
        QueuePairCapabilities transport = controller.Limits.Transport;
        page.MaxDataTransferSize = controller.Limits.MaxDataTransferExponent;
        page.ControllerId = controller.Id;
        page.Version = ControllerLimits.Version.Value;
        page.SupportedAsynchronousEvents = controller.SupportedEvents;
        page.Attributes = ControllerAttributes.HostIdentifier128
            | (options.TrafficBasedKeepAlive ? ControllerAttributes.TrafficBasedKeepAlive : ControllerAttributes.None);
        page.AbortCommandLimit = Controller.AbortLimit;
        page.AsynchronousEventRequestLimit = (byte)(options.MaxAsynchronousEventRequests - 1);
        page.LogPageAttributes = LogPageAttributes.ExtendedData | LogPageAttributes.SupportedLogPages;
        page.ErrorLogPageEntries = ErrorLog.Capacity - 1;
        page.KeepAliveGranularity = (ushort)(options.KeepAliveGranularity.TotalMilliseconds / 100);
        page.MaxOutstandingCommands = (ushort)Math.Min(ushort.MaxValue, controller.Limits.MaxQueueSize);
        page.SglSupport = SglSupport.Supported
            | (transport.KeyedSgl ? SglSupport.KeyedDataBlock : SglSupport.TransportDataBlock)
            | (transport.InCapsuleOffset ? SglSupport.AddressAsOffset : SglSupport.None);
        page.SubsystemNqn.Set(controller.SubsystemNqn);
        page.IoQueueCommandCapsuleSize = (uint)(SubmissionQueueEntry.Size + transport.InCapsuleDataSize) / EntryOf16Bytes;
        page.IoQueueResponseCapsuleSize = CompletionQueueEntry.Size / EntryOf16Bytes;
        page.MaxSglDataBlockDescriptors = (byte)Math.Min(byte.MaxValue, transport.MaxSglDescriptors);
    }
}
