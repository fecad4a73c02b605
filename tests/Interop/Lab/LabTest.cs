using System.Text.Json;
using Xunit.Abstractions;

namespace Nvmf.Interop.Lab;

/// <summary>
/// A test in the running guest: a target of its own, helpers, and a verdict at the end over the kernel log, the target's log and what
/// the target still holds.
/// </summary>
[Collection(LabCollection.Name)]
public abstract class LabTest(LabFixture lab, ITestOutputHelper output) : IAsyncLifetime
{
    private readonly List<string> _allowedKernelLines = [];
    private int _kernelLogStart;
    private TargetHost? _target;

    /// <summary>The guest.</summary>
    protected Guest Guest => lab.Guest;

    /// <summary>The target of this test.</summary>
    protected TargetHost Target => _target ?? throw new InvalidOperationException("StartTargetAsync first");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        Skip.If(lab.Unavailable is not null, lab.Unavailable);
        _kernelLogStart = await Guest.MarkKernelLogAsync($"begin {GetType().Name}");
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (lab.Unavailable is not null)
        {
            return;
        }

        try
        {
            await Guest.TryAsync("clean_up", Patience.Usual);
            int end = await Guest.MarkKernelLogAsync($"end {GetType().Name}");
            IReadOnlyList<string> violations = KernelLogRules.Violations(Guest.KernelLog.Lines(_kernelLogStart, end), _allowedKernelLines);
            Assert.True(violations.Count == 0, "unexpected lines in the kernel log:\n" + string.Join('\n', violations));
        }
        finally
        {
            if (_target is not null)
            {
                await _target.DisposeAsync();
            }
        }
    }

    /// <summary>A reset by the host, then the listener away and back, while fio goes on.</summary>
    private protected async Task ResetAndRemoveListenerAsync(LinuxController controller, FioLoad load)
    {
        await Guest.RunAsync($"nvme reset {controller.Path}");
        await controller.WaitForStateAsync("live", Patience.Long);
        await load.MakesProgressAsync();

        await Target.Control.RemoveListenerAsync(Target.Address);
        await controller.WaitForStateAsync("connecting", Patience.Long);
        await Target.Control.AddListenerAsync(Target.Address);
        await controller.WaitForStateAsync("live", Patience.Long);
        await load.MakesProgressAsync();
    }

    /// <summary>Starts this test's target with these options besides address, control end point and NQN.</summary>
    protected async Task<TargetHost> StartTargetAsync(params string[] options)
    {
        _target = new TargetHost(Path.Combine(Repository.RunFolder, GetType().Name), options);
        await _target.StartAsync();
        return _target;
    }

    /// <summary>Connects the guest to the target, at its first port unless another is given.</summary>
    protected async Task<LinuxController> ConnectAsync(string options = "", int? port = null)
    {
        string name = (await Guest.RunAsync($"connect {port ?? Target.Port} {Target.Nqn} {options}")).Trim();
        Assert.Matches(@"^nvme\d+$", name);
        return new LinuxController(Guest, name);
    }

    /// <summary>Prints what was done, for the person who reads the results.</summary>
    protected void Say(string line) => output.WriteLine(line);

    /// <summary>Kernel messages that belong to what this test does, as regular expressions.</summary>
    protected void AllowInKernelLog(params IEnumerable<string> patterns) => _allowedKernelLines.AddRange(patterns);

    /// <summary>What the kernel says when it loses the connection and comes back by itself.</summary>
    protected static IEnumerable<string> Recovery { get; } =
    [
        // TCP_CLOSING: both sides sent FIN at once; the host has a message for every other state of a closing socket.
        @"queue \d+ socket state 11",
        "starting error recovery", @"Reconnecting in \d+ seconds", "Successfully reconnected", @"Failed reconnect attempt \d+",
        @"failed to connect socket: -(104|110|111)", @"queue \d+: timeout", "failed nvme_keep_alive_end_io", "long keepalive RTT", "Property Set error: 880",
        "failed to send request", "resetting controller", @"I/O \d+ .*timeout", "no usable path - requeuing I/O", @"nvme_ns_head_submit_bio: \d+ callbacks suppressed",
    ];

    /// <summary>What the kernel says when commands fail for good, because their namespace or their controller went away under them.</summary>
    protected static IEnumerable<string> FailedCommands { get; } =
    [
        "I/O error, dev nvme", "Buffer I/O error", "no available path - failing I/O", @"I/O Cmd\(0x[0-9a-f]+\) @ LBA", "operation not supported error, dev nvme",
        @"nvme_ns_head_submit_bio: \d+ callbacks suppressed",
    ];

    /// <summary>Reads a JSON answer of a script.</summary>
    protected async Task<JsonElement> JsonAsync(string script) => JsonDocument.Parse(await Guest.RunAsync(script)).RootElement;
}
