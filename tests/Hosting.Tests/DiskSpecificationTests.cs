using Nvmf.Hosting.Disks;

namespace Nvmf.Hosting.Tests;

public class DiskSpecificationTests
{
    [Theory]
    [InlineData("mem:256MiB", DiskKind.Memory, 256L << 20, null, 512, false, 0)]
    [InlineData("MEM:1G,block=4096", DiskKind.Memory, 1L << 30, null, 4096, false, 0)]
    [InlineData("null:16TiB", DiskKind.Null, 16L << 40, null, 512, false, 0)]
    [InlineData("file:/srv/disk.img", DiskKind.File, null, "/srv/disk.img", 512, false, 0)]
    [InlineData("file:disk.img,size=10GiB,block=4096", DiskKind.File, 10L << 30, "disk.img", 4096, false, 0)]
    [InlineData("file:/srv/a,,b:c=d.img,readonly", DiskKind.File, null, "/srv/a,b:c=d.img", 512, true, 0)]
    [InlineData("mem:1M,delay=20ms,readonly", DiskKind.Memory, 1L << 20, null, 512, true, 20)]
    public void A_disk_is_read_and_written_back(string text, DiskKind kind, long? size, string? path, int block, bool readOnly, int delay)
    {
        DiskSpecification disk = DiskSpecification.Parse(text);

        Assert.Equal(new DiskSpecification(kind, size, path, block, readOnly, TimeSpan.FromMilliseconds(delay)), disk);
        Assert.Equal(disk, DiskSpecification.Parse(disk.ToString()));
    }

    [Fact]
    public void A_disk_may_have_a_reservation_file()
    {
        DiskSpecification disk = DiskSpecification.Parse("file:a,,b,reservations=/srv/a,,b.json,readonly");
        Assert.Equal(("/srv/a,b.json", true), (disk.ReservationFile, disk.ReadOnly));
        Assert.Equal(disk, DiskSpecification.Parse(disk.ToString()));
        Assert.False(DiskSpecification.TryParse("mem:1M,reservations=", out _, out _));
    }

    [Theory]
    [InlineData(null, "'' is not a disk; write mem:SIZE, file:PATH or null:SIZE.")]
    [InlineData("256MiB", "'256MiB' is not a disk; write mem:SIZE, file:PATH or null:SIZE.")]
    [InlineData("ram:1G", "'ram:1G' is not a disk: there is no kind 'ram'; write mem:SIZE, file:PATH or null:SIZE.")]
    [InlineData("mem:", "'mem:' is not a disk: '' is not a size; write a number and a unit, like 256MiB.")]
    [InlineData("mem:65T", "'mem:65T' is not a disk: a memory disk has at most 64TiB.")]
    [InlineData("mem:0", "'mem:0' is not a disk: the size is 0.")]
    [InlineData("mem:1000", "'mem:1000' is not a disk: the size 1000 is not a multiple of the block size 512.")]
    [InlineData("mem:512,block=4096", "'mem:512,block=4096' is not a disk: the size 512 is not a multiple of the block size 4096.")]
    [InlineData("mem:1M,block=1024", "'mem:1M,block=1024' is not a disk: the block size '1024' is neither 512 nor 4096.")]
    [InlineData("mem:1M,size=2M", "'mem:1M,size=2M' is not a disk: there is no option 'size=2M'; the options are block=512|4096, readonly, delay=MILLISECONDSms and reservations=PATH.")]
    [InlineData("file:", "'file:' is not a disk: the path is missing.")]
    [InlineData("file:a\0b", "'file:a\0b' is not a disk: there is a NUL in the path.")]
    [InlineData("file:x,sise=1G", "'file:x,sise=1G' is not a disk: there is no option 'sise=1G'; the options are size=SIZE, block=512|4096, readonly, delay=MILLISECONDSms and reservations=PATH.")]
    [InlineData("file:x,size=1X", "'file:x,size=1X' is not a disk: '1X' is not a size: there is no unit 'X', only KiB, MiB, GiB and TiB, or k, M, G and T for short.")]
    [InlineData("mem:1M,delay=soon", "'mem:1M,delay=soon' is not a disk: the delay 'soon' is not a number of milliseconds from 0 to 60000.")]
    [InlineData("mem:1M,readonly=yes", "'mem:1M,readonly=yes' is not a disk: there is no option 'readonly=yes'; the options are block=512|4096, readonly, delay=MILLISECONDSms and reservations=PATH.")]
    public void A_mistake_gets_one_sentence(string? text, string sentence)
    {
        Assert.False(DiskSpecification.TryParse(text, out DiskSpecification? disk, out string? error));
        Assert.Null(disk);
        Assert.Equal(sentence, error);
    }
}
