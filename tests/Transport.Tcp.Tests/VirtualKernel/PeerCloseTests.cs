using Nvmf.Abstractions.Lifecycle;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>
/// The last condition of a drain: everything is acknowledged, our FIN too, and now the peer's FIN is waited for, no longer than
/// <see cref="TcpTransportOptions.PeerCloseTimeout"/>. Closed earlier, what the peer still sends would be answered by a RST that can cut off what it has not read.
/// </summary>
public sealed class PeerCloseTests : IDisposable
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private readonly ConnectionModelHost _host = new(ZeroCopyMode.Always);
    private readonly KernelModel _kernel = new(0, 1 << 20);
    private readonly TcpConnection _connection;
    private readonly VirtualHandler _handler;

    public PeerCloseTests()
    {
        _connection = _host.Transport.Add(_host.Transport.Loops[0], new VirtualTcpSocket(_kernel, hasZeroCopy: true));
        _handler = new VirtualHandler(_connection, _ => throw new InvalidOperationException("Nothing is received."));
        _connection.Lifecycle.TryGoLive();
        _connection.Attach(_handler);
        _host.Loop.RunBatch();
    }

    /// <summary>Shorter than the stage, or the stage's end would hide the time-out's.</summary>
    private TimeSpan PeerCloseTimeout
    {
        get
        {
            TimeSpan timeout = _host.Factory.Transport.Options.PeerCloseTimeout;
            Assert.True(timeout * 3 < ConnectionModelHost.Deadlines.Transmissions);
            return timeout;
        }
    }

    public void Dispose()
    {
        // A failed test leaves its connection open, and nobody else runs the loop.
        _connection.Lifecycle.Abort();
        while (!_connection.Lifecycle.Completion.IsCompleted)
        {
            PassOne();
        }

        _host.Dispose();
    }

    [Fact]
    public void A_peer_that_keeps_its_side_open_is_waited_for_as_long_as_the_timeout_says()
    {
        BeginDrain();

        // The wait begins with the last acknowledgement, not with the drain.
        Pass(PeerCloseTimeout / 2);
        Assert.False(_kernel.IsClosed, "Closed before everything was acknowledged.");
        _kernel.Acknowledge(int.MaxValue);
        TimeSpan waited = PassUntilClosed();
        Assert.True(waited >= PeerCloseTimeout, $"Closed {waited} after the acknowledgement.");

        // The connection looks every 64 ms at least: once for the acknowledgement, once for the time-out.
        Assert.True(waited <= PeerCloseTimeout + 2 * TimeSpan.FromMilliseconds(64), $"Closed {waited} after the acknowledgement.");
        AssertDrained();
    }

    [Fact]
    public void Its_fin_ends_the_wait()
    {
        BeginDrain();
        _kernel.Acknowledge(int.MaxValue);
        Pass(PeerCloseTimeout / 5);
        Assert.False(_kernel.IsClosed, "Closed without the peer's FIN, and before the time-out.");
        _kernel.PeerSendsFin();
        Deliver();
        Assert.True(_kernel.IsClosed, "The peer's FIN did not end the drain.");
        AssertDrained();
    }

    [Fact]
    public void What_it_sends_meanwhile_is_read_and_dropped()
    {
        BeginDrain();
        _kernel.Acknowledge(int.MaxValue);
        Pass(PeerCloseTimeout / 5);
        _kernel.PeerSends(new byte[100_000]);
        Deliver();
        Assert.False(_kernel.IsClosed, "Closed without the peer's FIN, and before the time-out.");
        Assert.Equal(0, _kernel.UnreadBytes);
        Assert.Empty(_handler.Received);
    }

    /// <summary>Everything sent, our FIN too, nothing acknowledged.</summary>
    private void BeginDrain()
    {
        _connection.Lifecycle.BeginTeardown(TeardownCause.ListenerRemoved);
        _host.Loop.RunBatch();
        _kernel.Transmit(int.MaxValue);
        Assert.True(_kernel.PeerSawFin);
    }

    private void Pass(TimeSpan time)
    {
        for (TimeSpan passed = default; passed < time; passed += Millisecond)
        {
            PassOne();
        }
    }

    private TimeSpan PassUntilClosed()
    {
        TimeSpan passed = default;
        for (; !_kernel.IsClosed; passed += Millisecond)
        {
            Assert.True(passed < ConnectionModelHost.Deadlines.Transmissions * 2, "Waits for ever.");
            PassOne();
        }

        return passed;
    }

    private void PassOne()
    {
        _host.Clock.Advance(Millisecond);
        Deliver();
    }

    private void Deliver()
    {
        if (_kernel.TakeReady() is not EventLoop.ReadyEvents.None and var events)
        {
            _host.Loop.RunBatch(_kernel.Handler, events);
        }
        else
        {
            _host.Loop.RunBatch();
        }
    }

    private void AssertDrained()
    {
        // The handler is told on the loop, and then the end is reported.
        _host.Loop.RunBatch();
        DrainReport report = _connection.Lifecycle.Completion.WaitAsync(Connections.Within.Limit).GetAwaiter().GetResult();
        Assert.Equal((QueuePairState.Draining, DrainStages.None), (report.LastStage, report.PassedDeadlines));
        Assert.Null(_kernel.Misuse);
    }
}
