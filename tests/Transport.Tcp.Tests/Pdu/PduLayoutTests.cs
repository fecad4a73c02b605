using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Transport.Tcp.Pdu;

namespace Nvmf.Transport.Tcp.Tests.Pdu;

/// <summary>Sizes and offsets of the NVMe/TCP specification, and round trips through bytes.</summary>
public class PduLayoutTests
{
    [Fact]
    public void Sizes()
    {
        Assert.Equal(8, Unsafe.SizeOf<PduCommonHeader>());
        Assert.Equal(128, Unsafe.SizeOf<ICReqPdu>());
        Assert.Equal(128, Unsafe.SizeOf<ICRespPdu>());
        Assert.Equal(24, Unsafe.SizeOf<TermReqPdu>());
        Assert.Equal(72, Unsafe.SizeOf<CapsuleCmdPdu>());
        Assert.Equal(24, Unsafe.SizeOf<CapsuleRespPdu>());
        Assert.Equal(24, Unsafe.SizeOf<H2CDataPdu>());
        Assert.Equal(24, Unsafe.SizeOf<C2HDataPdu>());
        Assert.Equal(24, Unsafe.SizeOf<R2TPdu>());
    }

    [Fact]
    public void Common_header() => AssertBytes(
        PduCommonHeader.Create(PduType.C2HData, PduFlags.Last | PduFlags.Success, 0x18, 0x80, 0x11223344),
        (0, [0x07, 0x0C, 0x18, 0x80, 0x44, 0x33, 0x22, 0x11]));

    [Fact]
    public void ICReq() => AssertBytes(
        new ICReqPdu { FormatVersion = 0x0102, HostDataAlignment = 0x1F, Digests = DigestFlags.All, MaxOutstandingR2T = 0x0A0B0C0D },
        (8, [0x02, 0x01, 0x1F, 0x03, 0x0D, 0x0C, 0x0B, 0x0A]));

    [Fact]
    public void ICResp() => AssertBytes(
        new ICRespPdu { FormatVersion = 0x0102, ControllerDataAlignment = 0x1F, Digests = DigestFlags.Data, MaxHostToControllerData = 0x0A0B0C0D },
        (8, [0x02, 0x01, 0x1F, 0x02, 0x0D, 0x0C, 0x0B, 0x0A]));

    [Fact]
    public void TermReq() => AssertBytes(
        new TermReqPdu { Status = FatalErrorStatus.DataLimitExceeded, Information = 0x0A0B0C0D },
        (8, [0x05, 0x00, 0x0D, 0x0C, 0x0B, 0x0A]));

    [Fact]
    public void H2CData() => AssertBytes(
        new H2CDataPdu { CommandId = 0x0102, TransferTag = 0x0304, DataOffset = 0x05060708, DataLength = 0x090A0B0C },
        (8, [0x02, 0x01, 0x04, 0x03, 0x08, 0x07, 0x06, 0x05, 0x0C, 0x0B, 0x0A, 0x09]));

    [Fact]
    public void C2HData() => AssertBytes(
        new C2HDataPdu { CommandId = 0x0102, DataOffset = 0x05060708, DataLength = 0x090A0B0C },
        (8, [0x02, 0x01, 0x00, 0x00, 0x08, 0x07, 0x06, 0x05, 0x0C, 0x0B, 0x0A, 0x09]));

    [Fact]
    public void R2T() => AssertBytes(
        new R2TPdu { CommandId = 0x0102, TransferTag = 0x0304, Offset = 0x05060708, Length = 0x090A0B0C },
        (8, [0x02, 0x01, 0x04, 0x03, 0x08, 0x07, 0x06, 0x05, 0x0C, 0x0B, 0x0A, 0x09]));

    [Fact]
    public void Capsules()
    {
        AssertBytes(new CapsuleCmdPdu { Entry = new SubmissionQueueEntry { Opcode = 0xAB, Dword15 = 0x01020304 } }, (8, [0xAB]), (68, [4, 3, 2, 1]));
        AssertBytes(new CapsuleRespPdu { Entry = new CompletionQueueEntry { CommandId = 0x0102 } }, (20, [0x02, 0x01]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(128)]
    [InlineData(200)]
    public void A_termination_request_carries_at_most_128_bytes_of_the_header(int headerLength)
    {
        byte[] header = [.. Enumerable.Range(0, headerLength).Select(i => (byte)i)];
        byte[] pdu = new byte[24 + 128];
        int length = TermReqPdu.Write(pdu, PduType.C2HTermReq, PduFault.HeaderDigest(0xDEADBEEF), header);
        int carried = Math.Min(headerLength, 128);
        Assert.Equal(24 + carried, length);
        Assert.Equal(new PduFault(FatalErrorStatus.HeaderDigestError, 0xDEADBEEF), TermReqPdu.Read(pdu));
        Assert.Equal(header[..carried], pdu[24..length]);
        Assert.Equal([3, 0, 24, 0, (byte)length, 0, 0, 0], pdu[..8]);
    }

    // Everything not named is zero, and reading gives back what was written.
    private static void AssertBytes<T>(T pdu, params (int Offset, byte[] Bytes)[] expected)
        where T : unmanaged
    {
        byte[] bytes = new byte[Unsafe.SizeOf<T>()];
        MemoryMarshal.Write(bytes, in pdu);
        byte[] wanted = new byte[bytes.Length];
        foreach ((int offset, byte[] part) in expected)
        {
            part.CopyTo(wanted, offset);
        }

        Assert.Equal(wanted, bytes);
        T again = MemoryMarshal.Read<T>(bytes);
        byte[] copy = new byte[bytes.Length];
        MemoryMarshal.Write(copy, in again);
        Assert.Equal(bytes, copy);
    }
}
