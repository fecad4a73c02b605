namespace Nvmf.Interop.Lab;

/// <summary>One guest for all tests of a collection; they take turns.</summary>
public class LabFixture : IAsyncLifetime
{
    private static readonly TimeSpan PrepareTimeout = TimeSpan.FromMinutes(15);

    private Guest? _guest;

    /// <summary>Series of the guest's kernel, for example 6.12; null for the usual one.</summary>
    protected virtual string? Kernel => null;

    /// <summary>Why this machine cannot run these tests, or null.</summary>
    public string? Unavailable { get; private set; }

    /// <summary>The guest.</summary>
    public Guest Guest => _guest ?? throw new InvalidOperationException("no guest");

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        Unavailable = await LabScript.PrepareAsync(PrepareTimeout, Kernel);
        if (Unavailable is null)
        {
            await TargetHost.BuildAsync();
            await SampleProgram.BuildAsync("RelayHost");
            _guest = await Guest.BootAsync(Path.Combine(Repository.RunFolder, Kernel is null ? "guest" : $"guest-{Kernel}"), Kernel);
            await _guest.RunAsync("modprobe -a nvme-tcp null_blk sch_ingress cls_matchall act_gact");
        }
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_guest is not null)
        {
            await _guest.DisposeAsync();
        }
    }
}

/// <summary>The tests that share the guest.</summary>
[CollectionDefinition(Name)]
public sealed class LabCollection : ICollectionFixture<LabFixture>
{
    /// <summary>Its name.</summary>
    public const string Name = "lab";
}
