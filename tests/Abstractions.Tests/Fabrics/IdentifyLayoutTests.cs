using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

// Offsets and sizes as in the figures of NVMe Base 2.0 and NVM Command Set 1.0.
public class IdentifyLayoutTests
{
    [Fact]
    public void Fields_of_IdentifyController()
    {
        var layout = new StructureLayout<IdentifyController>(4096);
        layout.Expect(nameof(IdentifyController.PciVendorId), offset: 0, size: 2);
        layout.Expect(nameof(IdentifyController.PciSubsystemVendorId), offset: 2, size: 2);
        layout.Expect(nameof(IdentifyController.SerialNumber), offset: 4, size: 20);
        layout.Expect(nameof(IdentifyController.ModelNumber), offset: 24, size: 40);
        layout.Expect(nameof(IdentifyController.FirmwareRevision), offset: 64, size: 8);
        layout.Expect(nameof(IdentifyController.RecommendedArbitrationBurst), offset: 72, size: 1);
        layout.Expect(nameof(IdentifyController.IeeeOui), offset: 73, size: 3);
        layout.Expect(nameof(IdentifyController.MultipathCapabilities), offset: 76, size: 1);
        layout.Expect(nameof(IdentifyController.MaxDataTransferSize), offset: 77, size: 1);
        layout.Expect(nameof(IdentifyController.ControllerId), offset: 78, size: 2);
        layout.Expect(nameof(IdentifyController.Version), offset: 80, size: 4);
        layout.Expect(nameof(IdentifyController.ResumeLatency), offset: 84, size: 4);
        layout.Expect(nameof(IdentifyController.EntryLatency), offset: 88, size: 4);
        layout.Expect(nameof(IdentifyController.SupportedAsynchronousEvents), offset: 92, size: 4);
        layout.Expect(nameof(IdentifyController.Attributes), offset: 96, size: 4);
        layout.Expect(nameof(IdentifyController.ReadRecoveryLevels), offset: 100, size: 2);
        layout.Expect(nameof(IdentifyController.ControllerType), offset: 111, size: 1);
        layout.Expect(nameof(IdentifyController.FruGuid), offset: 112, size: 16);
        layout.Expect(nameof(IdentifyController.CommandRetryDelay1), offset: 128, size: 2);
        layout.Expect(nameof(IdentifyController.CommandRetryDelay2), offset: 130, size: 2);
        layout.Expect(nameof(IdentifyController.CommandRetryDelay3), offset: 132, size: 2);
        layout.Expect(nameof(IdentifyController.OptionalAdminCommands), offset: 256, size: 2);
        layout.Expect(nameof(IdentifyController.AbortCommandLimit), offset: 258, size: 1);
        layout.Expect(nameof(IdentifyController.AsynchronousEventRequestLimit), offset: 259, size: 1);
        layout.Expect(nameof(IdentifyController.FirmwareUpdates), offset: 260, size: 1);
        layout.Expect(nameof(IdentifyController.LogPageAttributes), offset: 261, size: 1);
        layout.Expect(nameof(IdentifyController.ErrorLogPageEntries), offset: 262, size: 1);
        layout.Expect(nameof(IdentifyController.PowerStates), offset: 263, size: 1);
        layout.Expect(nameof(IdentifyController.VendorSpecificCommandConfiguration), offset: 264, size: 1);
        layout.Expect(nameof(IdentifyController.AutonomousPowerStateTransition), offset: 265, size: 1);
        layout.Expect(nameof(IdentifyController.WarningTemperature), offset: 266, size: 2);
        layout.Expect(nameof(IdentifyController.CriticalTemperature), offset: 268, size: 2);
        layout.Expect(nameof(IdentifyController.MaxFirmwareActivationTime), offset: 270, size: 2);
        layout.Expect(nameof(IdentifyController.HostMemoryBufferPreferredSize), offset: 272, size: 4);
        layout.Expect(nameof(IdentifyController.HostMemoryBufferMinimumSize), offset: 276, size: 4);
        layout.Expect(nameof(IdentifyController.TotalCapacity), offset: 280, size: 16);
        layout.Expect(nameof(IdentifyController.UnallocatedCapacity), offset: 296, size: 16);
        layout.Expect(nameof(IdentifyController.ReplayProtectedMemoryBlock), offset: 312, size: 4);
        layout.Expect(nameof(IdentifyController.ExtendedSelfTestTime), offset: 316, size: 2);
        layout.Expect(nameof(IdentifyController.SelfTestOptions), offset: 318, size: 1);
        layout.Expect(nameof(IdentifyController.FirmwareUpdateGranularity), offset: 319, size: 1);
        layout.Expect(nameof(IdentifyController.KeepAliveGranularity), offset: 320, size: 2);
        layout.Expect(nameof(IdentifyController.HostControlledThermalManagement), offset: 322, size: 2);
        layout.Expect(nameof(IdentifyController.MinThermalManagementTemperature), offset: 324, size: 2);
        layout.Expect(nameof(IdentifyController.MaxThermalManagementTemperature), offset: 326, size: 2);
        layout.Expect(nameof(IdentifyController.SanitizeCapabilities), offset: 328, size: 4);
        layout.Expect(nameof(IdentifyController.HostMemoryBufferMinimumDescriptorSize), offset: 332, size: 4);
        layout.Expect(nameof(IdentifyController.HostMemoryMaximumDescriptors), offset: 336, size: 2);
        layout.Expect(nameof(IdentifyController.MaxNvmSetId), offset: 338, size: 2);
        layout.Expect(nameof(IdentifyController.MaxEnduranceGroupId), offset: 340, size: 2);
        layout.Expect(nameof(IdentifyController.AnaTransitionTime), offset: 342, size: 1);
        layout.Expect(nameof(IdentifyController.AnaCapabilities), offset: 343, size: 1);
        layout.Expect(nameof(IdentifyController.MaxAnaGroupId), offset: 344, size: 4);
        layout.Expect(nameof(IdentifyController.AnaGroups), offset: 348, size: 4);
        layout.Expect(nameof(IdentifyController.PersistentEventLogSize), offset: 352, size: 4);
        layout.Expect(nameof(IdentifyController.DomainId), offset: 356, size: 2);
        layout.Expect(nameof(IdentifyController.MaxEnduranceGroupCapacity), offset: 368, size: 16);
        layout.Expect(nameof(IdentifyController.SubmissionQueueEntrySize), offset: 512, size: 1);
        layout.Expect(nameof(IdentifyController.CompletionQueueEntrySize), offset: 513, size: 1);
        layout.Expect(nameof(IdentifyController.MaxOutstandingCommands), offset: 514, size: 2);
        layout.Expect(nameof(IdentifyController.Namespaces), offset: 516, size: 4);
        layout.Expect(nameof(IdentifyController.OptionalNvmCommands), offset: 520, size: 2);
        layout.Expect(nameof(IdentifyController.FusedOperations), offset: 522, size: 2);
        layout.Expect(nameof(IdentifyController.FormatAttributes), offset: 524, size: 1);
        layout.Expect(nameof(IdentifyController.VolatileWriteCache), offset: 525, size: 1);
        layout.Expect(nameof(IdentifyController.AtomicWriteUnitNormal), offset: 526, size: 2);
        layout.Expect(nameof(IdentifyController.AtomicWriteUnitPowerFail), offset: 528, size: 2);
        layout.Expect(nameof(IdentifyController.CommandSetVendorSpecificConfiguration), offset: 530, size: 1);
        layout.Expect(nameof(IdentifyController.NamespaceWriteProtection), offset: 531, size: 1);
        layout.Expect(nameof(IdentifyController.AtomicCompareAndWriteUnit), offset: 532, size: 2);
        layout.Expect(nameof(IdentifyController.CopyDescriptorFormats), offset: 534, size: 2);
        layout.Expect(nameof(IdentifyController.SglSupport), offset: 536, size: 4);
        layout.Expect(nameof(IdentifyController.MaxAllowedNamespaces), offset: 540, size: 4);
        layout.Expect(nameof(IdentifyController.MaxDomainNamespaceAttachments), offset: 544, size: 16);
        layout.Expect(nameof(IdentifyController.MaxControllerNamespaceAttachments), offset: 560, size: 4);
        layout.Expect(nameof(IdentifyController.SubsystemNqn), offset: 768, size: 256);
        layout.Expect(nameof(IdentifyController.IoQueueCommandCapsuleSize), offset: 1792, size: 4);
        layout.Expect(nameof(IdentifyController.IoQueueResponseCapsuleSize), offset: 1796, size: 4);
        layout.Expect(nameof(IdentifyController.InCapsuleDataOffset), offset: 1800, size: 2);
        layout.Expect(nameof(IdentifyController.FabricsControllerAttributes), offset: 1802, size: 1);
        layout.Expect(nameof(IdentifyController.MaxSglDataBlockDescriptors), offset: 1803, size: 1);
        layout.Expect(nameof(IdentifyController.OptionalFabricsCommands), offset: 1804, size: 2);
        layout.Expect(nameof(IdentifyController.PowerState0), offset: 2048, size: 32);
    }

    [Fact]
    public void Fields_of_PowerStateDescriptor()
    {
        var layout = new StructureLayout<PowerStateDescriptor>(32);
        layout.Expect(nameof(PowerStateDescriptor.MaxPower), offset: 0, size: 2);
        layout.Expect(nameof(PowerStateDescriptor.Flags), offset: 3, size: 1);
        layout.Expect(nameof(PowerStateDescriptor.EntryLatency), offset: 4, size: 4);
        layout.Expect(nameof(PowerStateDescriptor.ExitLatency), offset: 8, size: 4);
        layout.Expect(nameof(PowerStateDescriptor.RelativeReadThroughput), offset: 12, size: 1);
        layout.Expect(nameof(PowerStateDescriptor.RelativeReadLatency), offset: 13, size: 1);
        layout.Expect(nameof(PowerStateDescriptor.RelativeWriteThroughput), offset: 14, size: 1);
        layout.Expect(nameof(PowerStateDescriptor.RelativeWriteLatency), offset: 15, size: 1);
    }

    [Fact]
    public void Fields_of_IdentifyNamespace()
    {
        var layout = new StructureLayout<IdentifyNamespace>(4096);
        layout.Expect(nameof(IdentifyNamespace.NamespaceSize), offset: 0, size: 8);
        layout.Expect(nameof(IdentifyNamespace.NamespaceCapacity), offset: 8, size: 8);
        layout.Expect(nameof(IdentifyNamespace.NamespaceUtilization), offset: 16, size: 8);
        layout.Expect(nameof(IdentifyNamespace.Features), offset: 24, size: 1);
        layout.Expect(nameof(IdentifyNamespace.LbaFormats), offset: 25, size: 1);
        layout.Expect(nameof(IdentifyNamespace.FormattedLbaSize), offset: 26, size: 1);
        layout.Expect(nameof(IdentifyNamespace.MetadataCapabilities), offset: 27, size: 1);
        layout.Expect(nameof(IdentifyNamespace.ProtectionCapabilities), offset: 28, size: 1);
        layout.Expect(nameof(IdentifyNamespace.ProtectionSettings), offset: 29, size: 1);
        layout.Expect(nameof(IdentifyNamespace.MultipathCapabilities), offset: 30, size: 1);
        layout.Expect(nameof(IdentifyNamespace.ReservationCapabilities), offset: 31, size: 1);
        layout.Expect(nameof(IdentifyNamespace.FormatProgress), offset: 32, size: 1);
        layout.Expect(nameof(IdentifyNamespace.DeallocateFeatures), offset: 33, size: 1);
        layout.Expect(nameof(IdentifyNamespace.AtomicWriteUnitNormal), offset: 34, size: 2);
        layout.Expect(nameof(IdentifyNamespace.AtomicWriteUnitPowerFail), offset: 36, size: 2);
        layout.Expect(nameof(IdentifyNamespace.AtomicCompareAndWriteUnit), offset: 38, size: 2);
        layout.Expect(nameof(IdentifyNamespace.AtomicBoundaryNormal), offset: 40, size: 2);
        layout.Expect(nameof(IdentifyNamespace.AtomicBoundaryOffset), offset: 42, size: 2);
        layout.Expect(nameof(IdentifyNamespace.AtomicBoundaryPowerFail), offset: 44, size: 2);
        layout.Expect(nameof(IdentifyNamespace.OptimalIoBoundary), offset: 46, size: 2);
        layout.Expect(nameof(IdentifyNamespace.Capacity), offset: 48, size: 16);
        layout.Expect(nameof(IdentifyNamespace.PreferredWriteGranularity), offset: 64, size: 2);
        layout.Expect(nameof(IdentifyNamespace.PreferredWriteAlignment), offset: 66, size: 2);
        layout.Expect(nameof(IdentifyNamespace.PreferredDeallocateGranularity), offset: 68, size: 2);
        layout.Expect(nameof(IdentifyNamespace.PreferredDeallocateAlignment), offset: 70, size: 2);
        layout.Expect(nameof(IdentifyNamespace.OptimalWriteSize), offset: 72, size: 2);
        layout.Expect(nameof(IdentifyNamespace.MaxSingleSourceRangeLength), offset: 74, size: 2);
        layout.Expect(nameof(IdentifyNamespace.MaxCopyLength), offset: 76, size: 4);
        layout.Expect(nameof(IdentifyNamespace.MaxSourceRangeCount), offset: 80, size: 1);
        layout.Expect(nameof(IdentifyNamespace.AnaGroupId), offset: 92, size: 4);
        layout.Expect(nameof(IdentifyNamespace.Attributes), offset: 99, size: 1);
        layout.Expect(nameof(IdentifyNamespace.NvmSetId), offset: 100, size: 2);
        layout.Expect(nameof(IdentifyNamespace.EnduranceGroupId), offset: 102, size: 2);
        layout.Expect(nameof(IdentifyNamespace.Nguid), offset: 104, size: 16);
        layout.Expect(nameof(IdentifyNamespace.LbaFormat0), offset: 128, size: 4);
    }

    [Fact]
    public void Fields_of_LbaFormat()
    {
        var layout = new StructureLayout<LbaFormat>(4);
        layout.Expect(nameof(LbaFormat.MetadataSize), offset: 0, size: 2);
        layout.Expect(nameof(LbaFormat.DataSize), offset: 2, size: 1);
        layout.Expect(nameof(LbaFormat.RelativePerformance), offset: 3, size: 1);
    }

    [Fact]
    public void Fields_of_IdentifyIndependentNamespace()
    {
        var layout = new StructureLayout<IdentifyIndependentNamespace>(4096);
        layout.Expect(nameof(IdentifyIndependentNamespace.Features), offset: 0, size: 1);
        layout.Expect(nameof(IdentifyIndependentNamespace.MultipathCapabilities), offset: 1, size: 1);
        layout.Expect(nameof(IdentifyIndependentNamespace.ReservationCapabilities), offset: 2, size: 1);
        layout.Expect(nameof(IdentifyIndependentNamespace.FormatProgress), offset: 3, size: 1);
        layout.Expect(nameof(IdentifyIndependentNamespace.AnaGroupId), offset: 4, size: 4);
        layout.Expect(nameof(IdentifyIndependentNamespace.Attributes), offset: 8, size: 1);
        layout.Expect(nameof(IdentifyIndependentNamespace.NvmSetId), offset: 10, size: 2);
        layout.Expect(nameof(IdentifyIndependentNamespace.EnduranceGroupId), offset: 12, size: 2);
        layout.Expect(nameof(IdentifyIndependentNamespace.Status), offset: 14, size: 1);
    }

    [Fact]
    public void Fields_of_IdentifyNvmController()
    {
        var layout = new StructureLayout<IdentifyNvmController>(4096);
        layout.Expect(nameof(IdentifyNvmController.VerifySizeLimit), offset: 0, size: 1);
        layout.Expect(nameof(IdentifyNvmController.WriteZeroesSizeLimit), offset: 1, size: 1);
        layout.Expect(nameof(IdentifyNvmController.WriteUncorrectableSizeLimit), offset: 2, size: 1);
        layout.Expect(nameof(IdentifyNvmController.DatasetManagementRangesLimit), offset: 3, size: 1);
        layout.Expect(nameof(IdentifyNvmController.DatasetManagementRangeSizeLimit), offset: 4, size: 4);
        layout.Expect(nameof(IdentifyNvmController.DatasetManagementSizeLimit), offset: 8, size: 8);
    }
}
