using System.Buffers.Binary;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Rdma.Adapter;
using Nvmf.Transport.Rdma.QueuePairs;
using Nvmf.Transport.Rdma.Tests.Schedules;

namespace Nvmf.Transport.Rdma.Tests.QueuePairs;

/// <summary>Connection requests: what is checked, and how they are refused.</summary>
public class ConnectTests
{
    [Theory]
    [InlineData(0, 8, 7, 4, null)]
    [InlineData(0, 8, 127, 1, null)]
    [InlineData(1, 8, 7, 4, RejectReason.InvalidRecordFormat)]
    [InlineData(0, 0, 7, 4, RejectReason.InvalidHostReceiveQueueSize)]
    [InlineData(0, 8, 0, 4, RejectReason.InvalidHostSubmissionQueueSize)]
    [InlineData(0, 8, 128, 4, RejectReason.InvalidHostSubmissionQueueSize)]
    [InlineData(0, 8, 65535, 4, RejectReason.InvalidHostSubmissionQueueSize)]
    [InlineData(0, 8, 7, 0, RejectReason.InvalidInboundReadDepth)]
    internal async Task A_request_is_checked(ushort format, ushort receiveQueue, ushort submissionQueue, int reads, RejectReason? reason)
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        byte[] privateData = new byte[32];
        BinaryPrimitives.WriteUInt16LittleEndian(privateData, format);
        BinaryPrimitives.WriteUInt16LittleEndian(privateData.AsSpan(4), receiveQueue);
        BinaryPrimitives.WriteUInt16LittleEndian(privateData.AsSpan(6), submissionQueue);
        using var host = new RawHost(bench.HostMachine);
        host.Connect(bench.Port, privateData, size: 8, reads: reads);
        if (reason is null)
        {
            CmEvent established = host.Expect(ConnectionEventType.Established);
            Assert.True(AcceptPrivateData.TryRead(established.PrivateData[..established.PrivateDataLength], out int size));
            Assert.Equal(submissionQueue + 1, size);
            RdmaQueuePair queuePair = await bench.AcceptAsync();
            Assert.Equal(Math.Min(reads, 16), queuePair.Connection.ReadDepth);
            return;
        }

        CmEvent rejected = host.Expect(ConnectionEventType.Rejected);
        Assert.Equal(4, rejected.PrivateDataLength);
        Assert.True(RejectPrivateData.TryRead(rejected.PrivateData[..4], out RejectReason actual));
        Assert.Equal(reason, actual);
        Assert.Equal(1, bench.Counters.Rejected);
    }

    [Fact]
    public async Task Too_little_private_data_is_refused()
    {
        Assert.Equal(RejectReason.InvalidPrivateDataLength, ConnectPrivateData.Read(new byte[31], 128, out _));
        Assert.Null(ConnectPrivateData.Read([0, 0, 1, 0, 8, 0, 7, 0, 2, 0, .. new byte[46]], 128, out ConnectPrivateData data));
        Assert.Equal(new ConnectPrivateData(1, 8, 8, 2), data);
        byte[] written = new byte[32];
        data.Write(written);
        Assert.Null(ConnectPrivateData.Read(written, 128, out ConnectPrivateData again));
        Assert.Equal(data, again);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task Without_memory_there_are_no_resources()
    {
        await using TargetBench bench = await TargetBench.StartAsync();
        bench.Machine.VirtualDevice.RefusesMemory = true;
        using var host = new RawHost(bench.HostMachine);
        host.Connect(bench.Port);
        CmEvent rejected = host.Expect(ConnectionEventType.Rejected);
        Assert.True(RejectPrivateData.TryRead(rejected.PrivateData[..rejected.PrivateDataLength], out RejectReason reason));
        Assert.Equal(RejectReason.NoResources, reason);
        await bench.EventuallyAsync(() => bench.Factory.Transport.Connections.Count == 0, "The refused connection is still there.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commands_that_arrive_before_established_wait(bool shared)
    {
        await using TargetBench bench = await TargetBench.StartAsync(options => options.UseSharedReceiveQueue = shared);
        using var host = new RawHost(bench.HostMachine);
        bench.Fabric.HoldEvents = true;
        Task<RdmaQueuePair> accepting = bench.AcceptAsync();
        bench.Fabric.HoldEvents = false;
        host.Connect(bench.Port);
        bench.Fabric.HoldEvents = true;
        await bench.EventuallyAsync(() => bench.Fabric.HeldEvents == 2 || accepting.IsCompleted, "The request was not accepted.");
        bool early = !accepting.IsCompleted;
        host.Send(ScheduleRunner.Entry(0, 7));
        host.Send(ScheduleRunner.Entry(0, 8));
        await bench.SettleAsync();
        bench.Fabric.DeliverAll();
        host.Expect(ConnectionEventType.Established);
        RdmaQueuePair queuePair = await accepting;
        host.Send(ScheduleRunner.Entry(0, 9));
        await bench.SettleAsync();
        var handler = new ScriptedHandler(bench.Pool.Pool) { Command = null };
        handler.Command = handler.CompleteOne;
        queuePair.Start(handler);
        Assert.Equal([7, 8, 9], [host.Receive().CommandId, host.Receive().CommandId, host.Receive().CommandId]);
        Assert.True(early, "The schedule was missed.");
    }

    [Fact]
    public async Task A_host_that_never_establishes_is_timed_out()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options => options.HandshakeTimeout = TimeSpan.FromMilliseconds(20));
        using var host = new RawHost(bench.HostMachine);
        host.Connect(bench.Port);
        bench.Fabric.HoldEvents = true;
        await bench.EventuallyAsync(() => bench.Factory.Transport.Connections.Count == 0, "The connection is still there.");
        bench.Fabric.DeliverAll();
    }

    [Fact]
    public async Task A_queue_pair_without_connect_command_is_timed_out()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options => options.ConnectTimeout = TimeSpan.FromMilliseconds(50));
        (RawHost host, RdmaQueuePair queuePair, _) = await bench.ConnectAsync();
        DrainReport report = await queuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience);
        Assert.Equal(TeardownCause.TimedOut, report.Cause);
        Assert.Equal(ConnectionEventType.Disconnected, host.NextEvent().Type);
        host.Dispose();
    }

    [Fact]
    public async Task Hosts_that_never_establish_are_pending_too()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options => options.MaxPendingConnections = 2);
        var hosts = new List<RawHost>();
        for (int i = 0; i < 5; i++)
        {
            bench.Fabric.HoldEvents = false;
            var host = new RawHost(bench.HostMachine);
            hosts.Add(host);
            host.Connect(bench.Port);
            bench.Fabric.HoldEvents = true;
            int asked = i + 1;
            await bench.EventuallyAsync(() => bench.Counters.ConnectionsOpened == asked, "The request was not accepted.");
        }

        await bench.EventuallyAsync(() => bench.Factory.Transport.Connections.Count <= 2, "More than the limit are being established.");
        bench.Fabric.DeliverAll();
        hosts.ForEach(static host => host.Dispose());
    }

    [Fact]
    public async Task One_pending_connection_too_many_closes_the_oldest()
    {
        await using TargetBench bench = await TargetBench.StartAsync(options => options.MaxPendingConnections = 2);
        var all = new List<(RawHost Host, RdmaQueuePair QueuePair, ScriptedHandler Handler)>();
        for (int i = 0; i < 3; i++)
        {
            all.Add(await bench.ConnectAsync());
        }

        Assert.Equal(TeardownCause.TimedOut, (await all[0].QueuePair.Lifecycle.Completion.WaitAsync(TargetBench.Patience)).Cause);
        Assert.Equal(QueuePairState.Live, all[1].QueuePair.Lifecycle.State);
        all.ForEach(static connection => connection.Host.Dispose());
    }
}
