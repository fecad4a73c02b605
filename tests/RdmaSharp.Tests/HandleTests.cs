namespace RdmaSharp.Tests;

/// <summary>Lifetimes: what keeps what, without a device.</summary>
public class HandleTests
{
    [Fact]
    public void Parents_outlive_their_children_in_whatever_order_they_are_given_up()
    {
        var log = new List<string>();
        var context = new FakeHandle("context", log);
        var domain = new FakeHandle("domain", log, context);
        var region = new FakeHandle("region", log, domain);
        var pair = new FakeHandle("pair", log, domain, null, context);

        Assert.Equal(DestructionResult.Deferred, context.Destroy());
        Assert.Equal(DestructionResult.Deferred, domain.Destroy());
        Assert.Equal(DestructionResult.Destroyed, region.Destroy());
        Assert.Equal(["region"], log);
        Assert.Equal(DestructionResult.Destroyed, pair.Destroy());
        Assert.Equal(["region", "pair", "domain", "context"], log);
        Assert.Equal(DestructionResult.Destroyed, context.Destruction);
    }

    [Fact]
    public void A_refused_destruction_is_told_and_keeps_the_parents()
    {
        var log = new List<string>();
        long failed = RdmaHandle.FailedDestructionCount;
        var parent = new FakeHandle("parent", log);
        var child = new FakeHandle("child", log, parent) { Error = Errno.EBUSY };
        Assert.Equal(DestructionResult.Failed, child.Destroy());
        Assert.Equal(Errno.EBUSY, child.DestructionError);
        Assert.Equal(DestructionResult.Deferred, parent.Destroy());
        Assert.Equal(failed + 1, RdmaHandle.FailedDestructionCount);
        Assert.Equal(["child"], log);
    }

    [Fact]
    public void A_failed_creation_tells_the_call_and_lets_go_of_the_parents()
    {
        var log = new List<string>();
        var parent = new FakeHandle("parent", log);
        RdmaException exception = Assert.Throws<RdmaException>(() => new FakeHandle("child", log, fail: true, parent));
        Assert.Equal("fake_create", exception.Call);
        Assert.Equal(DestructionResult.Destroyed, parent.Destroy());
    }

    [Fact]
    public void A_disposed_parent_makes_nothing_and_keeps_the_others_free()
    {
        var log = new List<string>();
        var first = new FakeHandle("first", log);
        var disposed = new FakeHandle("disposed", log);
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => new FakeHandle("child", log, first, disposed));
        Assert.Equal(DestructionResult.Destroyed, first.Destroy());
    }

    [Fact]
    public void A_cookie_leads_back_to_a_living_handle_only()
    {
        var log = new List<string>();
        var handle = new FakeHandle("handle", log);
        nint cookie = handle.TakeCookie();
        FakeHandle? referenced = RdmaHandle.TryReference<FakeHandle>(cookie);
        Assert.Same(handle, referenced);
        Assert.Null(RdmaHandle.TryReference<FakeHandle>(0));

        // An event that was not acknowledged: the destruction is deferred to its end, and no later event gets a reference.
        Assert.Equal(DestructionResult.Deferred, handle.Destroy());
        Assert.Null(RdmaHandle.TryReference<FakeHandle>(cookie));
        Assert.Empty(log);
        referenced!.DangerousRelease();
        Assert.Equal(["handle"], log);
    }

    [Fact]
    public void Live_handles_are_counted()
    {
        var log = new List<string>();
        long before = RdmaHandle.LiveCount;
        using (new FakeHandle("one", log))
        {
            Assert.Equal(before + 1, RdmaHandle.LiveCount);
        }

        Assert.Equal(before, RdmaHandle.LiveCount);
    }

    [Fact]
    public async Task A_destruction_can_be_waited_for()
    {
        var log = new List<string>();
        var parent = new FakeHandle("parent", log);
        var child = new FakeHandle("child", log, parent);
        Assert.Equal(DestructionResult.Deferred, parent.Destroy(TimeSpan.FromMilliseconds(1)));
        Task<DestructionResult> waiting = Task.Factory.StartNew(
            () => parent.Destroy(TimeSpan.FromSeconds(60)), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        child.Dispose();
        Assert.Equal(DestructionResult.Destroyed, await waiting.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(DestructionResult.Destroyed, parent.Destroy(Timeout.InfiniteTimeSpan));
    }
}
