using System.Reflection;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Tests.Fabrics;

public class NvmeStatusTests
{
    // A sample of every group, with the codes as the specification prints them.
    public static TheoryData<NvmeStatus, int, int> Codes() => new()
    {
        { NvmeStatus.Success, 0, 0x00 },
        { NvmeStatus.InvalidOpcode, 0, 0x01 },
        { NvmeStatus.InvalidField, 0, 0x02 },
        { NvmeStatus.CommandIdConflict, 0, 0x03 },
        { NvmeStatus.DataTransferError, 0, 0x04 },
        { NvmeStatus.InternalError, 0, 0x06 },
        { NvmeStatus.AbortRequested, 0, 0x07 },
        { NvmeStatus.AbortedSqDeletion, 0, 0x08 },
        { NvmeStatus.InvalidNamespace, 0, 0x0B },
        { NvmeStatus.CommandSequenceError, 0, 0x0C },
        { NvmeStatus.InvalidSglSegmentDescriptor, 0, 0x0D },
        { NvmeStatus.InvalidNumberOfSglDescriptors, 0, 0x0E },
        { NvmeStatus.DataSglLengthInvalid, 0, 0x0F },
        { NvmeStatus.SglDescriptorTypeInvalid, 0, 0x11 },
        { NvmeStatus.SglOffsetInvalid, 0, 0x16 },
        { NvmeStatus.KeepAliveTimeoutExpired, 0, 0x19 },
        { NvmeStatus.KeepAliveTimeoutInvalid, 0, 0x1A },
        { NvmeStatus.SglDataBlockGranularityInvalid, 0, 0x1E },
        { NvmeStatus.NamespaceWriteProtected, 0, 0x20 },
        { NvmeStatus.CommandInterrupted, 0, 0x21 },
        { NvmeStatus.TransientTransportError, 0, 0x22 },
        { NvmeStatus.LbaOutOfRange, 0, 0x80 },
        { NvmeStatus.CapacityExceeded, 0, 0x81 },
        { NvmeStatus.NamespaceNotReady, 0, 0x82 },
        { NvmeStatus.InvalidQueueIdentifier, 1, 0x01 },
        { NvmeStatus.InvalidQueueSize, 1, 0x02 },
        { NvmeStatus.AbortCommandLimitExceeded, 1, 0x03 },
        { NvmeStatus.AsynchronousEventRequestLimitExceeded, 1, 0x05 },
        { NvmeStatus.InvalidLogPage, 1, 0x09 },
        { NvmeStatus.FeatureIdentifierNotSaveable, 1, 0x0D },
        { NvmeStatus.FeatureNotChangeable, 1, 0x0E },
        { NvmeStatus.FeatureNotNamespaceSpecific, 1, 0x0F },
        { NvmeStatus.InvalidControllerIdentifier, 1, 0x1F },
        { NvmeStatus.CommandSizeLimitExceeded, 1, 0x83 },
        { NvmeStatus.ConnectIncompatibleFormat, 1, 0x80 },
        { NvmeStatus.ConnectControllerBusy, 1, 0x81 },
        { NvmeStatus.ConnectInvalidParameters, 1, 0x82 },
        { NvmeStatus.ConnectRestartDiscovery, 1, 0x83 },
        { NvmeStatus.ConnectInvalidHost, 1, 0x84 },
        { NvmeStatus.DiscoverRestart, 1, 0x90 },
        { NvmeStatus.AuthenticationRequired, 1, 0x91 },
        { NvmeStatus.WriteFault, 2, 0x80 },
        { NvmeStatus.UnrecoveredReadError, 2, 0x81 },
        { NvmeStatus.CompareFailure, 2, 0x85 },
        { NvmeStatus.AccessDenied, 2, 0x86 },
        { NvmeStatus.DeallocatedOrUnwritten, 2, 0x87 },
        { NvmeStatus.AnaInaccessible, 3, 0x02 },
        { NvmeStatus.AbortedByHost, 3, 0x71 },
    };

    [Theory]
    [MemberData(nameof(Codes))]
    public void Codes_are_the_specifications(NvmeStatus status, int codeType, int code)
    {
        Assert.Equal(codeType, status.CodeType);
        Assert.Equal(code, status.Code);
        Assert.False(status.DoNotRetry);
    }

    [Fact]
    public void Every_well_known_status_has_a_name_and_appears_once()
    {
        List<NvmeStatus> all = typeof(NvmeStatus).GetProperties(BindingFlags.Static | BindingFlags.Public)
            .Where(p => p.PropertyType == typeof(NvmeStatus))
            .Select(p => (NvmeStatus)p.GetValue(null)!)
            .ToList();

        Assert.True(all.Count > 100, $"{all.Count} statuses");
        foreach (NvmeStatus status in all)
        {
            Assert.DoesNotContain("Unknown", status.Describe(fabricsCommand: false) is var text && text.StartsWith("Unknown", StringComparison.Ordinal)
                ? status.Describe(fabricsCommand: true)
                : text, StringComparison.Ordinal);
        }

        // Only 80h..83h of SCT 1 mean two things.
        Assert.Equal(4, all.Count - all.Distinct().Count());
    }

    [Fact]
    public void Descriptions_name_the_status()
    {
        Assert.Equal("Invalid Field in Command", NvmeStatus.InvalidField.Describe());
        Assert.Equal("Connect Invalid Host", NvmeStatus.ConnectInvalidHost.Describe());
        Assert.Equal("Connect Invalid Parameters", NvmeStatus.ConnectInvalidParameters.Describe(fabricsCommand: true));
        Assert.Equal("Attempted Write to Read Only Range", NvmeStatus.WriteToReadOnlyRange.Describe(fabricsCommand: false));
        Assert.Equal("Connect Invalid Parameters, or Attempted Write to Read Only Range", NvmeStatus.ConnectInvalidParameters.Describe());
        Assert.Equal("Vendor Specific Status", new NvmeStatus(7, 0x12).Describe());
        Assert.Equal("Unknown Generic Status", new NvmeStatus(0, 0x7F).Describe());
        Assert.Equal("LBA Out of Range (SCT 0h SC 80h, do not retry)", NvmeStatus.LbaOutOfRange.WithDoNotRetry().ToString());
    }

    [Fact]
    public void Do_not_retry_is_bit_14_and_does_not_change_the_code()
    {
        NvmeStatus status = NvmeStatus.InvalidField.WithDoNotRetry();

        Assert.Equal(0x4002, status.Value);
        Assert.True(status.IsSameCode(NvmeStatus.InvalidField));
        Assert.NotEqual(NvmeStatus.InvalidField, status);
    }

    [Fact]
    public void Completion_holds_the_status_above_the_phase_tag()
    {
        CompletionQueueEntry entry = default;
        entry.Status = NvmeStatus.CompareFailure.WithDoNotRetry();
        ReadOnlySpan<byte> bytes = WireStructure.AsBytes(in entry);

        Assert.Equal(0x85 << 1 & 0xFF, bytes[14]);
        Assert.Equal((0x4285 << 1) >> 8, bytes[15]);
        Assert.Equal(NvmeStatus.CompareFailure.WithDoNotRetry(), entry.Status);
    }
}
