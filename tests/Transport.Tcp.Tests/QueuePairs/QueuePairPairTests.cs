using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>Host against controller, over every carrier.</summary>
public class QueuePairPairTests
{
    private static readonly int[] Sizes = [512, 1024, 4096, 8192, 16384, 16896, 65536, 131072, 300032, 1 << 20];

    public static TheoryData<Carrier, bool, bool> Carriers()
    {
        var data = new TheoryData<Carrier, bool, bool>();
        foreach (Carrier carrier in TestTransport.Available)
        {
            data.Add(carrier, false, false);
            data.Add(carrier, true, true);
        }

        data.Add(Carrier.Memory, true, false);
        data.Add(Carrier.Memory, false, true);
        return data;
    }

    public static TheoryData<Carrier> CarriersOnly() => [.. TestTransport.Available];

    [Theory]
    [MemberData(nameof(Carriers))]
    public async Task Random_writes_read_back_intact(Carrier carrier, bool headerDigest, bool dataDigest)
    {
        const int Workers = 12, Rounds = 12;
        await using QueuePairPair pair = await QueuePairPair.OpenAsync(
            carrier,
            new HostQueuePairOptions { HeaderDigest = headerDigest, DataDigest = dataDigest, QueueSize = 32 },
            new TcpQueuePairOptions { MaxHostToControllerData = 100_000 },
            diskSize: Workers << 20,
            noFlowControl: headerDigest);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(WorkAsync));
        await pair.AssertEndsCleanAsync();

        async Task WorkAsync(int worker)
        {
            var random = new Random(worker);
            for (int round = 0; round < Rounds; round++)
            {
                int size = Sizes[random.Next(Sizes.Length)];
                ulong lba = (ulong)((worker << 11) + (random.Next(((1 << 20) - size) / 512 + 1)));
                BufferLease written = Rent(pair, size), read = Rent(pair, size);
                random.NextBytes(written.Span);
                TestCommand write = TestCommand.Io(Wire.Write, written, DataDirection.HostToController, lba);
                Assert.True(await write.SubmitAsync(pair.Host));
                Assert.Equal(NvmeStatus.Success, (await write.Completed).Status);
                await write.Released;
                TestCommand readBack = TestCommand.Io(Wire.Read, read, DataDirection.ControllerToHost, lba);
                Assert.True(await readBack.SubmitAsync(pair.Host));
                Assert.Equal(NvmeStatus.Success, (await readBack.Completed).Status);
                await readBack.Released;
                Assert.True(written.Span.SequenceEqual(read.Span), $"{carrier}, worker {worker}, round {round}, {size} bytes at {lba}");
                written.Release();
                read.Release();
            }
        }
    }

    [Theory]
    [MemberData(nameof(CarriersOnly))]
    public async Task Commands_under_way_end_with_an_exception_when_the_controller_goes(Carrier carrier)
    {
        await using QueuePairPair pair = await QueuePairPair.OpenAsync(carrier);
        pair.Handler.Command = command =>
        {
            // Every fourth stays at the back end until the teardown.
            if (command.Entry.StartingLba % 4 == 0)
            {
                command.HandlerState = null;
                pair.Handler.Held.Add(command);
            }
            else if (command.Entry.Opcode == Wire.Write)
            {
                pair.Handler.Fetch(command);
            }
            else
            {
                command.CompleteWithData(ScriptedHandler.Completion(command), pair.Handler.Rent((int)command.DataLength));
            }
        };
        var commands = new List<(TestCommand Command, BufferLease Data)>();
        for (int i = 0; i < 24; i++)
        {
            BufferLease data = Rent(pair, 1 << 20);
            bool write = i % 2 == 0;
            TestCommand command = TestCommand.Io(
                write ? Wire.Write : Wire.Read, data, write ? DataDirection.HostToController : DataDirection.ControllerToHost, lba: (ulong)i);
            commands.Add((command, data));
            Assert.True(await command.SubmitAsync(pair.Host));
        }

        pair.Controller.Close(TeardownCause.ListenerRemoved);
        int failed = 0;
        foreach ((TestCommand command, BufferLease data) in commands)
        {
            try
            {
                await command.Completed;
            }
            catch (ConnectionAbortedException)
            {
                failed++;
            }
            catch (ConnectionResetException)
            {
                failed++;
            }

            await command.Released;
            data.Release();
        }

        Assert.InRange(failed, 6, 24);
        Assert.False(await TestCommand.Io(Wire.Flush, default, DataDirection.None).SubmitAsync(pair.Host));
        await pair.AssertEndsCleanAsync();
    }

    [Theory]
    [MemberData(nameof(CarriersOnly))]
    public async Task A_host_that_closes_in_the_middle_leaves_nothing_behind(Carrier carrier)
    {
        await using QueuePairPair pair = await QueuePairPair.OpenAsync(carrier);
        var commands = new List<TestCommand>();
        BufferLease data = Rent(pair, 1 << 20);
        for (int i = 0; i < 16; i++)
        {
            TestCommand command = TestCommand.Io(
                i % 2 == 0 ? Wire.Write : Wire.Read, data, i % 2 == 0 ? DataDirection.HostToController : DataDirection.ControllerToHost);
            commands.Add(command);
            Assert.True(await command.SubmitAsync(pair.Host));
        }

        pair.Host.Close(TeardownCause.LocalClose);
        foreach (TestCommand command in commands)
        {
            await Record.ExceptionAsync(() => command.Completed);
            await command.Released;
        }

        data.Release();
        await pair.AssertEndsCleanAsync();
    }

    [Theory]
    [MemberData(nameof(CarriersOnly))]
    public async Task As_many_commands_as_entries_and_no_more(Carrier carrier)
    {
        await using QueuePairPair pair = await QueuePairPair.OpenAsync(carrier, new HostQueuePairOptions { QueueSize = 4 });
        pair.Handler.Command = command =>
        {
            command.HandlerState = null;
            pair.Handler.Held.Add(command);
        };
        for (int i = 0; i < 4; i++)
        {
            Assert.True(await TestCommand.Io(Wire.Flush, default, DataDirection.None).SubmitAsync(pair.Host));
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => TestCommand.Io(Wire.Flush, default, DataDirection.None).SubmitAsync(pair.Host));
        Assert.Equal(QueuePairState.Live, pair.Host.Lifecycle.State);
        await pair.AssertEndsCleanAsync();
    }

    [Theory]
    [MemberData(nameof(CarriersOnly))]
    public async Task A_controller_that_refuses_digests_is_not_connected_to(Carrier carrier)
    {
        using var pool = new BufferPool();
        await using var transport = new TestTransport(carrier, pool, new TcpQueuePairOptions { AllowDataDigest = false });
        await using IQueuePairListener listener = await transport.Listeners.BindAsync(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        Task<HostQueuePair> connect = transport.Connector.ConnectAsync(listener.EndPoint, new HostQueuePairOptions { DataDigest = true }).AsTask();
        QueuePair controller = (await listener.AcceptAsync())!;
        controller.Start(new ScriptedHandler(pool, 0));
        ConnectionAbortedException exception = await Assert.ThrowsAsync<ConnectionAbortedException>(() => connect.WaitAsync(TestCommand.Patience));
        Assert.Contains("FES 06h FEI Bh", exception.Message, StringComparison.Ordinal);
        DrainReport report = await controller.Lifecycle.Completion.WaitAsync(TestCommand.Patience);
        Assert.Equal(TeardownCause.ProtocolError, report.Cause);
    }

    private static BufferLease Rent(QueuePairPair pair, int length)
    {
        Assert.True(pair.Pool.TryRent(length, BufferPriority.InputOutput, out BufferLease lease));
        return lease;
    }
}
