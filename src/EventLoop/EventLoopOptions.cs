namespace Nvmf.EventLoop;

/// <summary>Options of one <see cref="EventLoopThread"/>.</summary>
public sealed class EventLoopOptions
{
    /// <summary>Thread name (the kernel shows its first 15 characters) and name in logs.</summary>
    public string Name { get; set; } = "nvmf-loop";

    /// <summary>
    /// How long to poll for more work before sleeping, after there was work. Default zero: sleep at once. About 10 µs cuts the
    /// latency of one outstanding request to a third; more than 20 µs gains nothing. An idle loop sleeps whatever the value.
    /// </summary>
    public TimeSpan SpinDuration { get; set; }

    /// <summary>
    /// Let other threads go first while there is much to do: from 20,000 events and items per second on (until fewer than 10,000) the thread sleeps as one of
    /// <c>SCHED_BATCH</c> (sched(7)), which does not interrupt whoever runs on its processor when it is woken, and finds more to do when its turn comes. Default false.
    /// For loops whose work goes on in other threads, such as applications on the thread pool: these are then neither interrupted nor woken for one piece of work at a
    /// time. Where other threads compute without a pause it costs latency, up to the time slice the kernel gives them. Without effect where the kernel refuses, or the process
    /// runs under another policy than the usual one.
    /// </summary>
    public bool YieldWhenBusy { get; set; }

    /// <summary>The processor to pin the thread to; null leaves it to the scheduler.</summary>
    public int? Processor { get; set; }

    /// <summary>Size of <see cref="EventLoopThread.ReceiveBuffer"/> in bytes, 128 KiB..64 MiB. Default 1 MiB.</summary>
    public int ReceiveBufferSize { get; set; } = 1 << 20;

    /// <summary>How long <see cref="EventLoopThread.Dispose"/> waits for the thread to end. Default 5 s.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);
}
