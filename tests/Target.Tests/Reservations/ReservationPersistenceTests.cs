using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;
using Nvmf.Target.Tests.Namespaces;
using Nvmf.Target.Tests.Support;
using static Nvmf.Target.Tests.Reservations.ReservationCommands;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>Persist through power loss: a reservation file, a target that ends, and the next one.</summary>
public sealed class ReservationPersistenceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string File => _directory.File("disk.reservations");

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(ReservationType.ExclusiveAccess)]
    [InlineData(ReservationType.WriteExclusiveAllRegistrants)]
    public async Task A_reservation_outlives_the_target_when_a_host_wants_it(ReservationType type)
    {
        await using (TestTarget target = Create())
        {
            ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
            ReservingHost b = await ReservingHost.ConnectAsync(target, 2);
            Assert.Equal(0xFF, (await a.Host.AdminAsync(Commands.Identify(IdentifyCns.Namespace, 1))).Data[31]);
            await a.SucceedAsync(Register(0, ulong.MaxValue, ReservationRegisterAction.Register, persistence: PersistenceChange.Set));
            await b.RegisterAsync(2);
            await a.AcquireAsync(ulong.MaxValue, type);
            Assert.Equal(1u, (await b.Host.AdminAsync(Commands.GetFeatures(FeatureIdentifier.ReservationPersistence, namespaceId: 1))).Completion.Dword0);
        }

        await using (TestTarget target = Create())
        {
            ReservingHost c = await ReservingHost.ConnectAsync(target, 3);
            Assert.Equal(NvmeStatus.ReservationConflict, await c.WriteAsync());
            (ReservationStatusHeader header, ReservationRegistrantEntry[] registrants) = await c.ReportAsync();
            Assert.Equal((2u, type, (byte)1), (header.Generation, header.Type, header.PersistThroughPowerLoss));
            Assert.Equal([(ReservingHost.IdOf(1), ulong.MaxValue), (ReservingHost.IdOf(2), 2ul)], registrants.Select(static entry => (entry.HostId.ToGuid(), entry.Key)));
            ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
            Assert.Equal(NvmeStatus.Success, await a.WriteAsync());
            await a.SucceedAsync(Release(ulong.MaxValue, type));
        }

        await using (TestTarget target = Create())
        {
            ReservingHost c = await ReservingHost.ConnectAsync(target, 3);
            Assert.Equal(NvmeStatus.Success, await c.WriteAsync());
            Assert.Equal(2, (await c.ReportAsync()).Registrants.Length);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_ends_with_the_target_when_no_host_wants_it_any_more(bool byFeature)
    {
        await using (TestTarget target = Create())
        {
            ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
            await a.RegisterAsync(1);
            await a.Host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.ReservationPersistence, 1, namespaceId: byFeature ? uint.MaxValue : 1));
            await a.AcquireAsync(1, ReservationType.ExclusiveAccess);
            if (byFeature)
            {
                await a.Host.SucceedAsync(Commands.SetFeatures(FeatureIdentifier.ReservationPersistence, 0, namespaceId: 1));
            }
            else
            {
                await a.SucceedAsync(Register(1, 1, ReservationRegisterAction.Register, persistence: PersistenceChange.Clear));
            }
        }

        await using (TestTarget target = Create())
        {
            ReservingHost c = await ReservingHost.ConnectAsync(target, 3);
            Assert.Equal(NvmeStatus.Success, await c.WriteAsync());
            Assert.Empty((await c.ReportAsync()).Registrants);
        }
    }

    [Fact]
    public async Task A_change_that_cannot_be_written_is_not_made()
    {
        await using TestTarget target = Create();
        ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
        await a.SucceedAsync(Register(0, 1, ReservationRegisterAction.Register, persistence: PersistenceChange.Set));

        // A directory in the place of the next version.
        Directory.CreateDirectory(File + ".new");
        Assert.Equal(NvmeStatus.InternalError, await a.DoAsync(Acquire(1, ReservationType.ExclusiveAccess)));
        Assert.Equal(NvmeStatus.InternalError, (await a.Host.AdminAsync(Commands.SetFeatures(FeatureIdentifier.ReservationPersistence, 0, namespaceId: 1))).Status);
        (ReservationStatusHeader header, _) = await a.ReportAsync();
        Assert.Equal((ReservationType.None, (byte)1), (header.Type, header.PersistThroughPowerLoss));
        Directory.Delete(File + ".new");
        await a.AcquireAsync(1, ReservationType.ExclusiveAccess);
    }

    [Fact]
    public async Task Changes_of_many_hosts_at_once_are_all_written()
    {
        await using (TestTarget target = Create())
        {
            ReservingHost[] hosts = await Task.WhenAll(Enumerable.Range(1, 8).Select(number => ReservingHost.ConnectAsync(target, number, target.AddLoop())));
            await hosts[0].SucceedAsync(Register(0, 1, ReservationRegisterAction.Register, persistence: PersistenceChange.Set));
            await Task.WhenAll(hosts.Select(host => Task.Run(async () =>
            {
                await host.SucceedAsync(Register(0, 1, ReservationRegisterAction.Replace, ignore: true));
                await host.SucceedAsync(Register(1, 2, ReservationRegisterAction.Replace));
            })));
        }

        await using (TestTarget target = Create())
        {
            ReservingHost host = await ReservingHost.ConnectAsync(target, 1);
            (ReservationStatusHeader header, ReservationRegistrantEntry[] registrants) = await host.ReportAsync();
            Assert.Equal(17u, header.Generation);
            Assert.Equal(8, registrants.Length);
            Assert.All(registrants, static entry => Assert.Equal(2ul, entry.Key));
        }
    }

    [Fact]
    public async Task Damaged_files_are_refused_in_one_sentence()
    {
        await using (TestTarget target = Create())
        {
            ReservingHost a = await ReservingHost.ConnectAsync(target, 1);
            await a.SucceedAsync(Register(0, 1, ReservationRegisterAction.Register, persistence: PersistenceChange.Set));
            await a.AcquireAsync(1, ReservationType.ExclusiveAccess);
        }

        string good = await System.IO.File.ReadAllTextAsync(File);
        string id = ReservingHost.IdOf(1).ToString();
        string[] bad =
        [
            "", "null", "{}", "[]", good[..(good.Length / 2)], good + good, good.Replace("\"version\": 1", "\"version\": 2", StringComparison.Ordinal),
            good.Replace("\"type\": 2", "\"type\": 7", StringComparison.Ordinal), good.Replace("\"type\": 2", "\"type\": 999", StringComparison.Ordinal),
            good.Replace("\"type\": 2", "\"type\": 0", StringComparison.Ordinal), good.Replace("\"type\": 2", "\"type\": 5", StringComparison.Ordinal),
            good.Replace($"\"holder\": \"{id}\"", "\"holder\": null", StringComparison.Ordinal),
            good.Replace($"\"holder\": \"{id}\"", $"\"holder\": \"{ReservingHost.IdOf(2)}\"", StringComparison.Ordinal),
            good.Replace(id, Guid.Empty.ToString(), StringComparison.Ordinal), good.Replace("\"key\": 1", "\"key\": -1", StringComparison.Ordinal),
            good.Replace("\"generation\"", "\"more\": 1, \"generation\"", StringComparison.Ordinal), good.Replace("\"registrants\": [", "\"registrants\": [ null,", StringComparison.Ordinal),
            new string(' ', 17 << 20),
        ];
        Assert.Equal(bad.Length, bad.Distinct().Count());
        Assert.DoesNotContain(good, bad);
        foreach (string text in bad)
        {
            await System.IO.File.WriteAllTextAsync(File, text);
            await using var target = new TestTarget();
            BackendOpenException refused = Assert.Throws<BackendOpenException>(() => Add(target));
            Assert.Contains(File, refused.Message, StringComparison.Ordinal);
            Assert.Empty(target.Subsystem.Namespaces);
            Assert.Equal(text.Length, new FileInfo(File).Length);
        }

        // Another namespace's.
        await System.IO.File.WriteAllTextAsync(File, good);
        await using var other = new TestTarget();
        Assert.Throws<BackendOpenException>(() => Add(other, id: 2));
        Add(other);
        Assert.Throws<BackendOpenException>(() => Add(other, id: 2));
        BackendOpenException nowhere = Assert.Throws<BackendOpenException>(() => other.Subsystem.AddNamespace(
            new NamespaceOptions { ReservationFile = Path.Combine(_directory.File("missing"), "file") }, new MemoryBackend(1 << 20)));
        Assert.Contains("missing", nowhere.Message, StringComparison.Ordinal);
    }

    private TestTarget Create()
    {
        var target = new TestTarget();
        Add(target);
        return target;
    }

    private Namespace Add(TestTarget target, uint? id = null) =>
        target.Subsystem.AddNamespace(new NamespaceOptions { NamespaceId = id, ReservationFile = File }, new MemoryBackend(4 << 20));
}
