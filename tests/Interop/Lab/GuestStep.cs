namespace Nvmf.Interop.Lab;

/// <summary>A script that runs in the guest.</summary>
public sealed class GuestStep
{
    private static readonly TimeSpan KillTimeout = TimeSpan.FromSeconds(30);

    private readonly Guest _guest;
    private readonly string _outputPath;
    private readonly TaskCompletionSource<int> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal GuestStep(Guest guest, int id, string script, string outputPath)
    {
        _guest = guest;
        _outputPath = outputPath;
        Id = id;
        Script = script;
    }

    /// <summary>What it does.</summary>
    public string Script { get; }

    /// <summary>True until it has ended.</summary>
    public bool IsRunning => !_done.Task.IsCompleted;

    /// <summary>What it has printed up to now.</summary>
    public string Output => File.Exists(_outputPath) ? ReadShared(_outputPath) : "";

    internal int Id { get; }

    /// <summary>Waits for its end. At the time-out it is killed; if even that does not end it, the guest is lost.</summary>
    /// <exception cref="TimeoutException">It did not end in time and was killed.</exception>
    /// <exception cref="GuestLostException">The guest hangs or died.</exception>
    public async Task<StepResult> WaitAsync(TimeSpan timeout)
    {
        if (!await EndsWithin(timeout))
        {
            await KillAsync();
            throw new TimeoutException($"not done after {timeout.TotalSeconds:0} s: {Script}\noutput:\n{Output}");
        }

        return new StepResult(await _done.Task, Output);
    }

    /// <summary>Waits until the output contains a text.</summary>
    public async Task WaitForOutputAsync(string text, TimeSpan timeout)
    {
        await Eventually.TrueAsync(() => Output.Contains(text, StringComparison.Ordinal) || !IsRunning, timeout, () => $"'{text}' in the output:\n{Output}");
        Assert.True(Output.Contains(text, StringComparison.Ordinal), $"ended without '{text}':\n{Output}");
    }

    /// <summary>Kills it with everything it started, and waits for the end.</summary>
    public async Task KillAsync()
    {
        if (IsRunning)
        {
            await _guest.SendAsync($"kill {Id}");
            if (!await EndsWithin(KillTimeout))
            {
                throw await _guest.LoseAsync($"a step could not be killed: {Script}\noutput:\n{Output}");
            }
        }
    }

    internal void Complete(int exitCode) => _done.TrySetResult(exitCode);

    internal void Fail(Exception reason) => _done.TrySetException(reason);

    private async Task<bool> EndsWithin(TimeSpan timeout)
    {
        Task first = await Task.WhenAny(_done.Task, Task.Delay(timeout));
        return first == _done.Task;
    }

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
