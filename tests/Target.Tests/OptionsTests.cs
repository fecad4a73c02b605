using Nvmf.Target.Tests.Support;
using Nvmf.Testing;

namespace Nvmf.Target.Tests;

public class OptionsTests
{
    public static TheoryData<string, Action<NvmeTargetOptions>> WrongTargetOptions { get; } = new()
    {
        { nameof(NvmeTargetOptions.KeepAliveGranularity), options => options.KeepAliveGranularity = TimeSpan.FromMilliseconds(150) },
        { nameof(NvmeTargetOptions.KeepAliveGranularity), options => options.KeepAliveGranularity = TimeSpan.Zero },
        { nameof(NvmeTargetOptions.DiscoveryIdleTimeout), options => options.DiscoveryIdleTimeout = TimeSpan.Zero },
        { nameof(NvmeTargetOptions.DisabledTimeout), options => options.DisabledTimeout = TimeSpan.FromSeconds(-1) },
        { nameof(NvmeTargetOptions.ReadyTimeout), options => options.ReadyTimeout = TimeSpan.FromSeconds(128) },
        { nameof(NvmeTargetOptions.NamespaceRemovalTimeout), options => options.NamespaceRemovalTimeout = TimeSpan.Zero },
        { nameof(NvmeTargetOptions.MaxAdminQueueSize), options => options.MaxAdminQueueSize = 31 },
        { nameof(NvmeTargetOptions.MaxIoQueueSize), options => options.MaxIoQueueSize = 1 },
        { nameof(NvmeTargetOptions.MaxDataTransferSize), options => options.MaxDataTransferSize = 100_000 },
        { nameof(NvmeTargetOptions.MaxAsynchronousEventRequests), options => options.MaxAsynchronousEventRequests = 17 },
        { nameof(NvmeTargetOptions.ChunkSize), options => options.ChunkSize = 2048 },
    };

    public static TheoryData<string, Action<SubsystemOptions>> WrongSubsystemOptions { get; } = new()
    {
        { "NVMe qualified name", options => options.Nqn = "disk" },
        { "discovery", options => options.Nqn = "nqn.2014-08.org.nvmexpress.discovery" },
        { nameof(SubsystemOptions.SerialNumber), options => options.SerialNumber = new string('1', 21) },
        { nameof(SubsystemOptions.ModelNumber), options => options.ModelNumber = "Ä" },
        { nameof(SubsystemOptions.FirmwareRevision), options => options.FirmwareRevision = "" },
        { nameof(SubsystemOptions.MaxControllers), options => options.MaxControllers = 0 },
        { nameof(SubsystemOptions.MaxIoQueues), options => options.MaxIoQueues = 0 },
        { nameof(SubsystemOptions.MaxNamespaces), options => options.MaxNamespaces = 1025 },
        { nameof(SubsystemOptions.MinControllerId), options => options.MinControllerId = 0 },
        { nameof(SubsystemOptions.MaxControllerId), options => options.MaxControllerId = 0xFFF0 },
        { "NVMe qualified name", options => options.AllowedHosts.Add("host") },
    };

    [Theory]
    [MemberData(nameof(WrongTargetOptions))]
    public void Wrong_target_options_are_named(string name, Action<NvmeTargetOptions> change)
    {
        using var pool = new PoisonedPool();
        var options = new NvmeTargetOptions();
        change(options);
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => new NvmeTarget(options, pool)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(WrongSubsystemOptions))]
    public async Task Wrong_subsystem_options_are_named(string name, Action<SubsystemOptions> change)
    {
        await using var target = new TestTarget();
        var options = new SubsystemOptions { Nqn = "nqn.2025-06.test:another" };
        change(options);
        Assert.Contains(name, Assert.Throws<ArgumentException>(() => target.Target.AddSubsystem(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_is_given_once()
    {
        await using var target = new TestTarget();
        Assert.Throws<ArgumentException>(() => target.Target.AddSubsystem(new SubsystemOptions { Nqn = TestTarget.SubsystemNqn }));
    }
}
