using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Transport.Rdma.QueuePairs;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

public class TransferDescriptionTests
{
    private const byte Write = 0x01, Read = 0x02;
    private const uint MaxTransfer = 65536;

    [Theory]
    [InlineData(0UL, 512u, 512, true)]
    [InlineData(16UL, 496u, 512, true)]
    [InlineData(16UL, 480u, 512, true)]
    [InlineData(512UL, 0u, 512, true)]
    [InlineData(1UL, 512u, 512, false)]
    [InlineData(513UL, 0u, 512, false)]
    [InlineData(0xFFFF_FFFF_FFFF_FFFFUL, 2u, 512, false)]
    [InlineData(0xFFFF_FFFFUL, 0xFFFF_FFFFu, 512, false)]
    [InlineData(0UL, 0xFFFF_FFFFu, 512, false)]
    [InlineData(0UL, 1u, 0, false)]
    public void In_capsule_data_lies_within_the_capsule(ulong offset, uint length, int capsule, bool valid)
    {
        var transfer = Of(Write, new SglDescriptor { Identifier = SglDescriptor.DataBlockOffset, Address = offset, Length = length }, new byte[capsule]);
        Assert.Equal(valid, transfer.Status.IsSuccess);
        Assert.Equal(valid ? (length, length != 0) : (0u, false), (transfer.Length, transfer.InCapsule));
    }

    [Fact]
    public void Data_for_the_host_is_never_in_the_capsule() =>
        Assert.False(Of(Read, new SglDescriptor { Identifier = SglDescriptor.DataBlockOffset, Length = 16 }, new byte[16]).Status.IsSuccess);

    [Fact]
    public void A_keyed_descriptor_of_zeros_is_no_data()
    {
        var transfer = Of(Write, new SglDescriptor { Identifier = SglDescriptor.KeyedDataBlock });
        Assert.Equal((NvmeStatus.Success, 0u, 0), (transfer.Status, transfer.Length, transfer.Descriptors));
    }

    [Theory]
    [InlineData(0x40, 65536, true)]
    [InlineData(0x4F, 65536, true)]
    [InlineData(0x40, 65537, false)]
    [InlineData(0x40, 0xFFFFFF, false)]
    [InlineData(0x41, 512, false)]
    [InlineData(0x5A, 512, false)]
    [InlineData(0x00, 512, false)]
    public void A_keyed_descriptor_is_taken_up_to_the_largest_transfer(byte identifier, int length, bool valid)
    {
        var transfer = Of(Read, new SglDescriptor { Identifier = identifier, KeyedLength = (uint)length });
        Assert.Equal(valid, transfer.Status.IsSuccess);
        Assert.Equal(valid ? 1 : 0, transfer.Descriptors);
    }

    [Theory]
    [InlineData(0UL, 48u, true)]
    [InlineData(16UL, 32u, true)]
    [InlineData(0UL, 0u, false)]
    [InlineData(0UL, 40u, false)]
    [InlineData(16UL, 48u, false)]
    [InlineData(0xFFFF_FFFF_FFFF_FFF0UL, 32u, false)]
    [InlineData(0UL, 0xFFFF_FFF0u, false)]
    public void A_segment_lies_within_the_capsule(ulong offset, uint length, bool valid)
    {
        byte[] capsule = Segment(Keyed(4096), Keyed(8192), Keyed(512));
        var transfer = Of(Read, new SglDescriptor { Identifier = SglDescriptor.LastSegmentOffset, Address = offset, Length = length }, capsule);
        Assert.Equal(valid, transfer.Status.IsSuccess);
        Assert.Equal(valid ? (int)length / 16 : 0, transfer.Descriptors);
    }

    [Fact]
    public void Descriptors_of_a_segment_add_up_in_more_than_24_bits()
    {
        byte[] capsule = Segment(Keyed(0xFFFFFF), Keyed(0xFFFFFF), Keyed(2));
        Assert.Equal(NvmeStatus.DataSglLengthInvalid.WithDoNotRetry(), Whole(capsule).Status);
        Assert.Equal(4097u, Whole(Segment(Keyed(1), Keyed(4096))).Length);
    }

    [Fact]
    public void A_segment_has_keyed_descriptors_only_and_not_too_many()
    {
        Assert.Equal(NvmeStatus.SglDescriptorTypeInvalid.WithDoNotRetry(), Whole(Segment(Keyed(1), new SglDescriptor { Identifier = 0x31, Length = 16 })).Status);
        Assert.Equal(NvmeStatus.InvalidNumberOfSglDescriptors.WithDoNotRetry(), Whole(Segment(Keyed(1), Keyed(1), Keyed(1), Keyed(1), Keyed(1))).Status);
    }

    [Fact]
    public void A_command_without_sgl_is_refused() =>
        Assert.False(TransferDescription.Of(new SubmissionQueueEntry { Opcode = Write }, [], MaxTransfer, 4).Status.IsSuccess);

    private static TransferDescription Whole(byte[] capsule) =>
        Of(Write, new SglDescriptor { Identifier = SglDescriptor.LastSegmentOffset, Length = (uint)capsule.Length }, capsule);

    private static TransferDescription Of(byte opcode, SglDescriptor sgl, byte[]? capsule = null) => TransferDescription.Of(
        new SubmissionQueueEntry { Opcode = opcode, Flags = SubmissionQueueEntryExtensions.SglFlags, Sgl = sgl }, capsule, MaxTransfer, maxDescriptors: 4);

    private static SglDescriptor Keyed(uint length) => new() { Identifier = SglDescriptor.KeyedDataBlock, KeyedLength = length };

    private static byte[] Segment(params SglDescriptor[] descriptors) => MemoryMarshal.AsBytes<SglDescriptor>(descriptors).ToArray();
}
