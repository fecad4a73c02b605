namespace Nvmf.Hosting.Tests.TargetHost;

/// <summary>One process for all tests of the control end point; each leaves it as it found it. At the end it must drain and exit in order.</summary>
public sealed class ControlHost : IAsyncLifetime
{
    internal TargetHostProcess Process { get; private set; } = null!;

    public async Task InitializeAsync() => Process = await TargetHostProcess.StartAsync(
        "--listen", "tcp://127.0.0.1:0", "--disk", "mem:16MiB", "--http", $"127.0.0.1:{GenericHostTests.FreePort()}", "--poison");

    public async Task DisposeAsync()
    {
        await using TargetHostProcess process = Process;
        process.Signal(TargetHostProcess.Terminate);
        Assert.Equal(0, await process.ExitAsync());
    }
}
