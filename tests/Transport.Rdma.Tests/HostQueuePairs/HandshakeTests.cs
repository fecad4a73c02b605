using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;
using Nvmf.Transport.Rdma.QueuePairs;

namespace Nvmf.Transport.Rdma.Tests.HostQueuePairs;

/// <summary>Controllers that answer a connection request wrongly, late, never, or go away meanwhile.</summary>
public class HandshakeTests
{
    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0, 0, 8 })]
    [InlineData(new byte[] { 1, 0, 8, 0 })]
    [InlineData(new byte[] { 0, 0, 0, 0 })]
    public async Task An_acceptance_with_wrong_private_data_is_none(byte[] privateData)
    {
        await using var bench = new HostBench();
        Task<HostQueuePair> connecting = bench.BeginConnectAsync();
        bench.Controller.ExpectRequest();
        bench.Controller.Accept(privateData);
        bench.Controller.Expect(ConnectionEventType.Established);
        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(() => connecting.WaitAsync(HostBench.Patience));
        Assert.Contains("private data", error.Message, StringComparison.Ordinal);
        bench.Controller.Expect(ConnectionEventType.Disconnected);
        await GoneAsync(bench);
    }

    [Theory]
    [InlineData(new byte[0], "not NVMe/RDMA")]
    [InlineData(new byte[] { 0, 0 }, "not NVMe/RDMA")]
    [InlineData(new byte[] { 1, 0, 6, 0 }, "not NVMe/RDMA")]
    [InlineData(new byte[] { 0, 0, 6, 0 }, nameof(RejectReason.NoResources))]
    [InlineData(new byte[] { 0, 0, 0xFF, 0xFF }, "65535")]
    public async Task A_reject_says_why(byte[] privateData, string words)
    {
        await using var bench = new HostBench();
        Task<HostQueuePair> connecting = bench.BeginConnectAsync();
        bench.Controller.ExpectRequest();
        Assert.Equal(0, bench.Controller.Id.Reject(privateData));
        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(() => connecting.WaitAsync(HostBench.Patience));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        await GoneAsync(bench);
    }

    [Fact]
    public async Task A_controller_that_never_answers_is_given_up()
    {
        await using var bench = new HostBench();
        Task<HostQueuePair> connecting = bench.BeginConnectAsync(timeout: TimeSpan.FromMilliseconds(50));
        bench.Controller.ExpectRequest();
        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(() => connecting.WaitAsync(HostBench.Patience));
        Assert.Contains("did not answer within", error.Message, StringComparison.Ordinal);
        await GoneAsync(bench);
    }

    [Fact]
    public async Task A_controller_that_goes_away_before_it_answers_is_a_clear_failure()
    {
        await using var bench = new HostBench();
        Task<HostQueuePair> connecting = bench.BeginConnectAsync();
        bench.Controller.ExpectRequest();
        bench.Controller.DestroyId();
        await Assert.ThrowsAnyAsync<ConnectionAbortedException>(() => connecting.WaitAsync(HostBench.Patience));
        await GoneAsync(bench);
    }

    /// <summary>The events come in either order, and the second may never come.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_controller_that_disconnects_as_it_accepts_is_a_clear_failure(bool disconnectedFirst)
    {
        await using var bench = new HostBench();
        Task<HostQueuePair> connecting = bench.BeginConnectAsync();
        bench.Controller.ExpectRequest();
        bench.Fabric.HoldEvents = true;
        bench.Controller.Accept();
        bench.Controller.Id.Disconnect();
        while (bench.Fabric.HeldEvents > 0)
        {
            bench.Fabric.DeliverEvent(disconnectedFirst ? bench.Fabric.HeldEvents - 1 : 0);
            await bench.SettleAsync();
        }

        bench.Fabric.DeliverAll();
        if (disconnectedFirst)
        {
            await Assert.ThrowsAnyAsync<Exception>(() => connecting.WaitAsync(HostBench.Patience));
        }
        else
        {
            HostQueuePair queuePair = await connecting.WaitAsync(HostBench.Patience);
            Assert.False(await bench.Command(HostBench.Read).SubmitAsync(queuePair));
        }

        await GoneAsync(bench);
    }

    [Fact]
    public async Task A_message_before_the_connection_is_established_is_a_fault()
    {
        await using var bench = new HostBench();
        Task<HostQueuePair> connecting = bench.BeginConnectAsync();
        bench.Controller.ExpectRequest();
        bench.Fabric.HoldEvents = true;
        bench.Controller.Accept();
        bench.Controller.Respond(0);
        var error = await Assert.ThrowsAsync<ConnectionAbortedException>(() => connecting.WaitAsync(HostBench.Patience));
        Assert.Contains("broke the protocol", error.Message, StringComparison.Ordinal);
        bench.Fabric.DeliverAll();
        await GoneAsync(bench);
    }

    private static async Task GoneAsync(HostBench bench)
    {
        await HostBench.EventuallyAsync(() => bench.Connector.Transport.Connections.Count == 0, "The connection is still there.");
        Assert.Equal(0, bench.Pool.Pool.Statistics.QuarantinedBytes);
    }
}
