using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Target;
using Nvmf.Target.Namespaces;

namespace Nvmf.Initiator.Tests;

public class CommandTests
{
    [Fact]
    public async Task Every_io_command_does_what_it_says()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        var disk = await controller.OpenNamespaceAsync(1);
        var data = Bytes(8 * TargetFixture.BlockSize, 1);

        await disk.WriteAsync(0, data, forceUnitAccess: true);
        Assert.True(fixture.Disk.LastForceUnitAccess);
        await disk.WriteAsync(0, data);
        Assert.False(fixture.Disk.LastForceUnitAccess);
        await disk.FlushAsync();
        await disk.CompareAsync(0, data);
        var different = await Assert.ThrowsAsync<NvmeException>(() => disk.CompareAsync(1, data).AsTask());
        Assert.True(different.Status.IsSameCode(NvmeStatus.CompareFailure), different.Message);
        await disk.VerifyAsync(0, 8);
        await disk.CopyAsync(100, [new NvmeBlockRange(4, 4), new NvmeBlockRange(0, 4)]);
        byte[] turned = [.. data[(4 * TargetFixture.BlockSize)..], .. data[..(4 * TargetFixture.BlockSize)]];
        Assert.Equal(turned, await ReadAsync(disk, 100, 8));
        await disk.WriteZeroesAsync(0, 2);
        Assert.True((await ReadAsync(disk, 0, 2)).AsSpan().IndexOfAnyExcept((byte)0) < 0);
        Assert.Equal(data[(2 * TargetFixture.BlockSize)..], await ReadAsync(disk, 2, 6));
        await disk.DeallocateAsync([new NvmeBlockRange(2, 2), new NvmeBlockRange(6, 1)]);
        Assert.Equal(2, fixture.Disk.Seen(BackendOperation.Deallocate));
        Assert.Equal(data[(4 * TargetFixture.BlockSize)..(6 * TargetFixture.BlockSize)], await ReadAsync(disk, 4, 2));
    }

    [Fact]
    public async Task Leases_are_read_and_written_in_place_and_stay_the_callers()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        var disk = await controller.OpenNamespaceAsync(1);
        var source = Rent(fixture, 64 << 10);
        var destination = Rent(fixture, 64 << 10);
        Random.Shared.NextBytes(source.Span);
        await disk.WriteAsync(8, source);
        await disk.CompareAsync(8, source);
        await disk.ReadAsync(8, destination);
        Assert.True(source.Span.SequenceEqual(destination.Span));
        source.Release();
        destination.Release();
    }

    [Fact]
    public async Task Errors_carry_the_status()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        var disk = await controller.OpenNamespaceAsync(1);
        var outside = await Assert.ThrowsAsync<NvmeException>(() => disk.ReadAsync(TargetFixture.Blocks, new byte[512]).AsTask());
        Assert.True(outside.Status.IsSameCode(NvmeStatus.LbaOutOfRange), outside.Message);
        fixture.Disk.Verdict = NvmeStatus.UnrecoveredReadError;
        var memory = new byte[512];
        var broken = await Assert.ThrowsAsync<NvmeException>(() => disk.ReadAsync(0, memory).AsTask());
        Assert.True(broken.Status.IsSameCode(NvmeStatus.UnrecoveredReadError), broken.Message);
        Assert.True(memory.AsSpan().IndexOfAnyExcept((byte)0) < 0);
        await Assert.ThrowsAsync<InvalidOperationException>(() => controller.OpenNamespaceAsync(7));
        await Assert.ThrowsAsync<ArgumentException>(() => disk.ReadAsync(0, new byte[513]).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => disk.WriteAsync(0, ReadOnlyMemory<byte>.Empty).AsTask());
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => disk.VerifyAsync(0, 65537).AsTask());
    }

    [Fact]
    public async Task Raw_commands_go_out_as_they_are()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        var unknown = await controller.SubmitIoAsync(new SubmissionQueueEntry { Opcode = 0xFC, NamespaceId = 1 });
        Assert.True(unknown.Status.IsSameCode(NvmeStatus.InvalidOpcode), unknown.Status.ToString());
        var room = Rent(fixture, 4096);
        var identify = await controller.SubmitAdminAsync(new SubmissionQueueEntry { Opcode = (byte)AdminOpcode.Identify, Dword10 = 1 }, room);
        Assert.True(identify.Status.IsSuccess, identify.Status.ToString());
        Assert.Equal(controller.ControllerId, WireStructure.Read<IdentifyController>(room.Span).ControllerId);
        room.Release();
    }

    [Fact]
    public async Task Admin_commands()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        Assert.Equal(controller.Identity.Version, controller.Version.Value);
        Assert.True(new ControllerStatus((uint)await controller.GetPropertyAsync(PropertyOffset.Status)).Ready);
        var log = new byte[512];
        await controller.GetLogPageAsync(LogPageIdentifier.SmartHealthInformation, log);
        var before = await controller.GetFeatureAsync(FeatureIdentifier.AsynchronousEventConfiguration);
        Assert.NotEqual(0u, before & (uint)AsynchronousEvents.NamespaceAttribute);
        await controller.SetFeatureAsync(FeatureIdentifier.AsynchronousEventConfiguration, 0);
        Assert.Equal(0u, await controller.GetFeatureAsync(FeatureIdentifier.AsynchronousEventConfiguration));
        Assert.True(HasDescriptor(await controller.GetNamespaceDescriptorsAsync(1)));
        Assert.False(await controller.AbortAsync(1, 0x1234));
    }

    [Fact]
    public async Task Events_come_as_a_stream()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync();
        for (uint id = 2; id < 4; id++)
        {
            fixture.Subsystem.AddNamespace(new NamespaceOptions { NamespaceId = id }, new MemoryBackend(1 << 20));
            var notice = await controller.Events.ReadAsync().AsTask().WaitAsync(TargetFixture.Patience);
            Assert.Equal(AsynchronousEventType.Notice, notice.Type);
            Assert.Equal((byte)AsynchronousEventNotice.NamespaceAttributeChanged, notice.Information);
            var log = new byte[4096];
            await controller.GetLogPageAsync(notice.LogPage, log);
            Assert.Equal(id, BitConverter.ToUInt32(log));
        }

        await controller.DisposeAsync();
        await controller.Events.Completion.WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task An_idle_association_is_kept_alive()
    {
        await using var fixture = await TargetFixture.StartAsync();
        await using var controller = await fixture.ConnectAsync(
            new NvmeConnectOptions { SubsystemNqn = TargetFixture.Nqn, KeepAlive = TimeSpan.FromSeconds(1) });
        var before = controller.AdminQueue.Completed;
        await Eventually.IsTrueAsync(() => controller.AdminQueue.Completed >= before + 8, "No Keep Alive was sent.");
        Assert.False(controller.Ended.IsCompleted);
    }

    private static bool HasDescriptor(ReadOnlySpan<byte> descriptors) => NamespaceIdentificationDescriptor.TryRead(ref descriptors, out _);

    private static BufferLease Rent(TargetFixture fixture, int length)
    {
        Assert.True(fixture.HostPool.Pool.TryRent(length, BufferPriority.InputOutput, out var lease));
        return lease;
    }

    private static async Task<byte[]> ReadAsync(NvmeNamespace disk, ulong block, int count)
    {
        var data = new byte[count * disk.BlockSize];
        await disk.ReadAsync(block, data);
        return data;
    }

    private static byte[] Bytes(int length, int seed)
    {
        var data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }
}
