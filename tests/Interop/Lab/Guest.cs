using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace Nvmf.Interop.Lab;

/// <summary>
/// A running guest: one boot serves many steps. The other end of <c>lab/guest/agent.sh</c>: orders and answers are lines on QEMU's standard input
/// and output; scripts and their output are files in <see cref="Folder"/>.
/// </summary>
public sealed class Guest : IAsyncDisposable
{
    /// <summary>Where the guest's own target listens; another port of it is the next number.</summary>
    public const int FirstTargetPort = 4420;

    private static readonly TimeSpan BootTimeout = TimeSpan.FromSeconds(240);
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan DefaultStepTimeout = TimeSpan.FromSeconds(90);

    private readonly Process _qemu;
    private readonly Task<string> _errors;
    private readonly ConcurrentDictionary<int, GuestStep> _steps = new();
    private readonly SemaphoreSlim _channel = new(1);
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _pong = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reader;
    private int _lastStep;
    private GuestLostException? _lost;

    private Guest(string folder, string? kernel)
    {
        Folder = folder;
        Directory.CreateDirectory(Path.Combine(folder, "steps"));
        KernelLog = new KernelLog(Path.Combine(folder, "console.log"));
        _qemu = Process.Start(LabScript.Agent(folder, Life, kernel, [.. TargetPorts.Select(static (here, index) => (here, FirstTargetPort + index))]))!;
        _errors = _qemu.StandardError.ReadToEndAsync();
        _reader = ReadAnswersAsync();
    }

    /// <summary>The guest's <c>/ctl</c>.</summary>
    public string Folder { get; }

    /// <summary>Ports of this machine that lead to <see cref="FirstTargetPort"/> and the next one of the guest, for the kernel's own target.</summary>
    public IReadOnlyList<int> TargetPorts { get; } = [FreePort.Next(), FreePort.Next()];

    /// <summary>What its kernel has said.</summary>
    public KernelLog KernelLog { get; }

    /// <summary>The kernel's release, for example 6.1.0-56-amd64.</summary>
    public string KernelRelease => _ready.Task.Result;

    /// <summary>Boots a guest whose files lie in <paramref name="folder"/>.</summary>
    /// <param name="folder">The guest's <c>/ctl</c>.</param>
    /// <param name="kernel">Series of its kernel, for example 6.12; null for the usual one.</param>
    public static async Task<Guest> BootAsync(string folder, string? kernel = null)
    {
        var guest = new Guest(folder, kernel);
        if (await Task.WhenAny(guest._ready.Task, Task.Delay(BootTimeout)) != guest._ready.Task)
        {
            throw await guest.LoseAsync($"not up after {BootTimeout.TotalSeconds} s");
        }

        await guest._ready.Task;
        return guest;
    }

    /// <summary>Runs a bash script; <c>lablib.sh</c> is loaded. It must succeed.</summary>
    /// <returns>Its output.</returns>
    public async Task<string> RunAsync(string script, TimeSpan? timeout = null) =>
        (await TryAsync(script, timeout)).Succeeded();

    /// <summary>Runs a bash script that may fail.</summary>
    public async Task<StepResult> TryAsync(string script, TimeSpan? timeout = null)
    {
        GuestStep step = await StartAsync(script);
        return await step.WaitAsync(timeout ?? DefaultStepTimeout);
    }

    /// <summary>Starts a bash script and lets it run; steps run side by side.</summary>
    public async Task<GuestStep> StartAsync(string script)
    {
        int id = Interlocked.Increment(ref _lastStep);
        string file = Path.Combine(Folder, "steps", id.ToString(CultureInfo.InvariantCulture));
        await File.WriteAllTextAsync(file + ".sh", script + "\n");
        var step = new GuestStep(this, id, script, file + ".out");
        _steps[id] = step;
        await SendAsync($"run {id}");
        return step;
    }

    /// <summary>Writes a line into the guest's kernel log and waits until it is in <see cref="KernelLog"/>, and with it all that came before.</summary>
    /// <returns>The place in the log after this line.</returns>
    public async Task<int> MarkKernelLogAsync(string text)
    {
        string mark = $"interop {Interlocked.Increment(ref _lastStep)}: {text}";
        await RunAsync($"echo '{mark.Replace('\'', '"')}' >/dev/kmsg");
        return await KernelLog.FindAsync(mark.Replace('\'', '"'), Patience.Usual);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_lost is null)
        {
            await SendAsync("off");
            await Task.WhenAny(_qemu.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(30)));
        }

        _qemu.Kill(entireProcessTree: true);
        await _reader;
        _qemu.Dispose();
        _channel.Dispose();
    }

    internal async Task SendAsync(string order)
    {
        await _channel.WaitAsync();
        try
        {
            if (_lost is not null)
            {
                throw _lost;
            }

            await _qemu.StandardInput.WriteAsync(order + "\n");
            await _qemu.StandardInput.FlushAsync();
        }
        finally
        {
            _channel.Release();
        }
    }

    /// <summary>Gives the guest up: its blocked tasks are asked for, everything under way and to come fails.</summary>
    internal async Task<GuestLostException> LoseAsync(string reason)
    {
        if (_ready.Task.IsCompletedSuccessfully)
        {
            await SendAsync("ping");
            bool alive = await Task.WhenAny(_pong.Task, Task.Delay(TimeSpan.FromSeconds(5))) == _pong.Task;
            reason += alive ? "\n(the agent still answers)" : "\n(the agent does not answer)";
        }

        return End(reason);
    }

    private GuestLostException End(string reason)
    {
        var lost = new GuestLostException(reason, KernelLog.Tail(100));
        lost = Interlocked.CompareExchange(ref _lost, lost, null) ?? lost;
        _qemu.Kill(entireProcessTree: true);
        _ready.TrySetException(lost);
        foreach (GuestStep step in _steps.Values)
        {
            step.Fail(lost);
        }

        return lost;
    }

    private async Task ReadAnswersAsync()
    {
        while (await _qemu.StandardOutput.ReadLineAsync() is { } line)
        {
            switch (line.Trim().Split(' '))
            {
                case ["ready", var release]:
                    _ready.TrySetResult(release);
                    break;
                case ["done", var id, var exitCode]:
                    if (_steps.TryRemove(int.Parse(id, CultureInfo.InvariantCulture), out GuestStep? step))
                    {
                        step.Complete(int.Parse(exitCode, CultureInfo.InvariantCulture));
                    }

                    break;
                case ["pong", ..]:
                    _pong.TrySetResult();
                    break;
            }
        }

        await _qemu.WaitForExitAsync();
        End($"QEMU ended, exit code {_qemu.ExitCode}: {await _errors}");
    }
}
