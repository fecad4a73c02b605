using System.Buffers.Binary;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests;

/// <summary>Controllers whose answers are false, or make no sense.</summary>
public class LyingControllerTests
{
    [Fact]
    public async Task Is_another_controller_than_the_one_that_was_connected()
    {
        await using var controller = ScriptedController.Start();
        controller.OnCommand = static (_, command) =>
        {
            if (!ScriptedController.IsConnect(command))
            {
                return false;
            }

            command.QueuePair.OnConnected(new QueuePairParameters(0, 32, false));
            ScriptedController.Complete(command, result: ConnectResult.Success(2));
            return true;
        };
        var error = await Assert.ThrowsAsync<NvmeConnectionException>(() => controller.ConnectAsync());
        Assert.Contains("as controller 2 and Identify as controller 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Succeeds_without_the_data_that_was_asked_for()
    {
        await using var controller = ScriptedController.Start();
        await using var connected = await controller.ConnectAsync();
        controller.OnCommand = static (_, command) =>
        {
            if (command.Entry.Opcode != (byte)AdminOpcode.Identify)
            {
                return false;
            }

            ScriptedController.Complete(command);
            return true;
        };

        // The pool's blocks are full of somebody else's bytes.
        Assert.All(await connected.GetNamespaceDescriptorsAsync(1).WaitAsync(TargetFixture.Patience), static value => Assert.Equal(0, value));
    }

    [Theory]
    [InlineData(0, SglDescriptor.DataBlockOffset)]
    [InlineData(1, SglDescriptor.TransportDataBlock)]
    public async Task Wants_data_in_the_capsule_at_an_offset(ushort offset, byte descriptor)
    {
        await using var controller = ScriptedController.Start();
        controller.Identity.IoQueueCommandCapsuleSize = 68;
        controller.Identity.InCapsuleDataOffset = offset;
        var seen = new TaskCompletionSource<byte>();
        controller.OnCommand = (_, command) =>
        {
            if (command.Entry.Opcode != (byte)InputOutputOpcode.Write)
            {
                return false;
            }

            seen.SetResult(command.Entry.Sgl.Identifier);
            ScriptedController.Complete(command, NvmeStatus.InvalidField);
            return true;
        };
        await using var connected = await controller.ConnectAsync(new NvmeConnectOptions { SubsystemNqn = "nqn.test", KeepAlive = TimeSpan.Zero });
        Assert.True(controller.HostPool.Pool.TryRent(512, BufferPriority.InputOutput, out var data));
        await connected.SubmitIoAsync(new SubmissionQueueEntry { Opcode = (byte)InputOutputOpcode.Write, NamespaceId = 1 }, data).AsTask().WaitAsync(TargetFixture.Patience);
        data.Release();
        Assert.Equal(descriptor, await seen.Task);
    }

    [Fact]
    public async Task Grants_fewer_and_smaller_queues_than_wanted()
    {
        await using var controller = ScriptedController.Start();
        controller.Identity.MaxOutstandingCommands = 20;
        controller.OnCommand = static (_, command) =>
        {
            if (command.Entry.Opcode != (byte)AdminOpcode.SetFeatures)
            {
                return false;
            }

            ScriptedController.Complete(command, result: FeatureCommand.Of(in command.Entry).Feature == FeatureIdentifier.NumberOfQueues ? 0x0004_0001u : 0);
            return true;
        };
        await using var connected = await controller.ConnectAsync(
            new NvmeConnectOptions { SubsystemNqn = "nqn.test", QueueCount = 6, QueueDepth = 100, KeepAlive = TimeSpan.Zero });
        Assert.Equal(2, connected.IoQueues.Count);
        Assert.All(connected.IoQueues, queue => Assert.Equal(20, queue.Depth));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Lists_namespaces_for_ever(bool ascending)
    {
        await using var controller = ScriptedController.Start();
        var page = new byte[4096];
        page.AsSpan().Fill(1);
        controller.OnCommand = (self, command) =>
        {
            if (command.Entry.Opcode != (byte)AdminOpcode.Identify || IdentifyCommand.Of(in command.Entry).Cns != IdentifyCns.ActiveNamespaceList)
            {
                return false;
            }

            for (var i = 0; ascending && i < page.Length / sizeof(uint); i++)
            {
                BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(i * sizeof(uint)), command.Entry.NamespaceId + (uint)i + 1);
            }

            self.CompleteWith(command, page);
            return true;
        };
        await using var connected = await controller.ConnectAsync();
        await Assert.ThrowsAsync<InvalidDataException>(() => connected.GetActiveNamespacesAsync()).WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task Has_blocks_that_no_command_can_move()
    {
        await using var controller = ScriptedController.Start();
        controller.Identity.MaxDataTransferSize = 1;
        var page = new byte[4096];
        page[0] = 100;
        page[130] = 16;
        controller.OnCommand = (self, command) =>
        {
            if (command.Entry.Opcode != (byte)AdminOpcode.Identify || IdentifyCommand.Of(in command.Entry).Cns != IdentifyCns.Namespace)
            {
                return false;
            }

            self.CompleteWith(command, page);
            return true;
        };
        await using var connected = await controller.ConnectAsync();
        var error = await Assert.ThrowsAsync<NotSupportedException>(() => connected.OpenNamespaceAsync(1)).WaitAsync(TargetFixture.Patience);
        Assert.Contains("65536 bytes", error.Message, StringComparison.Ordinal);
        page[130] = 13;
        Assert.Equal(8192, (await connected.OpenNamespaceAsync(1)).MaxTransferLength);
    }

    [Theory]
    [InlineData(ulong.MaxValue, 0, false)]
    [InlineData(16385, 0, false)]
    [InlineData(1, 7, false)]
    [InlineData(3, 0, true)]
    public async Task Serves_a_discovery_log_that_makes_no_sense(ulong records, ushort format, bool changes)
    {
        await using var controller = ScriptedController.Start();
        var generation = 0ul;
        controller.OnCommand = (self, command) =>
        {
            if (command.Entry.Opcode != (byte)AdminOpcode.GetLogPage)
            {
                return false;
            }

            if (changes)
            {
                generation++;
            }

            var header = new DiscoveryLogHeader { GenerationCounter = generation, Records = records, RecordFormat = format };
            self.CompleteWith(command, WireStructure.AsBytes(in header));
            return true;
        };
        await Assert.ThrowsAsync<InvalidDataException>(() => controller.Host.DiscoverAsync(controller.EndPoint)).WaitAsync(TargetFixture.Patience);
    }

    [Fact]
    public async Task A_discovery_log_that_changed_once_is_read_again()
    {
        await using var controller = ScriptedController.Start();
        var reads = 0;
        controller.OnCommand = (self, command) =>
        {
            if (command.Entry.Opcode != (byte)AdminOpcode.GetLogPage)
            {
                return false;
            }

            if (GetLogPageCommand.Of(in command.Entry).Offset == 0)
            {
                // Header before, changed header after, and then twice the same.
                var header = new DiscoveryLogHeader { GenerationCounter = ++reads == 1 ? 5u : 6u, Records = 2 };
                self.CompleteWith(command, WireStructure.AsBytes(in header));
            }
            else
            {
                var entry = new DiscoveryLogEntry { PortId = (ushort)reads };
                self.CompleteWith(command, WireStructure.AsBytes(in entry));
            }

            return true;
        };
        var log = await controller.Host.DiscoverAsync(controller.EndPoint).WaitAsync(TargetFixture.Patience);
        Assert.Equal(6ul, log.Generation);
        Assert.Equal(2, log.Entries.Count);
        Assert.Equal(3, log.Entries[0].PortId);
    }
}
