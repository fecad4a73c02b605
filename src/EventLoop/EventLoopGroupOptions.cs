namespace Nvmf.EventLoop;

/// <summary>Options of an <see cref="EventLoopGroup"/>.</summary>
public sealed class EventLoopGroupOptions
{
    /// <summary>Number of loops, 1..1024; 0 (default) for one per two processors, at most 16.</summary>
    public int Count { get; set; }

    /// <summary>Prefix of the threads' names.</summary>
    public string Name { get; set; } = "nvmf";

    /// <summary>Processors to pin to, one loop each, in turn; empty (default) leaves the threads to the scheduler.</summary>
    public IReadOnlyList<int> Processors { get; set; } = [];

    /// <inheritdoc cref="EventLoopOptions.SpinDuration"/>
    public TimeSpan SpinDuration { get; set; }

    /// <inheritdoc cref="EventLoopOptions.YieldWhenBusy"/>
    public bool YieldWhenBusy { get; set; }

    /// <inheritdoc cref="EventLoopOptions.ReceiveBufferSize"/>
    public int ReceiveBufferSize { get; set; } = 1 << 20;

    /// <summary>How long disposing waits for each thread to end. Default 5 s.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
