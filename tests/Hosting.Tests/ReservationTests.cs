using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator;
using Nvmf.Target;

namespace Nvmf.Hosting.Tests;

public sealed class ReservationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("nvmf-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Control_shows_who_has_reserved_a_disk_and_a_file_keeps_it()
    {
        string disk = $"mem:1MiB,reservations={Path.Combine(_folder.FullName, "disk.json")}";
        Guid host = Guid.NewGuid();
        await using (TestTarget target = await StartAsync(disk))
        {
            Assert.Empty(Reservation(target).Registrants);
            await using var initiator = new TestInitiator();
            NvmeController controller = await initiator.ConnectAsync(target.Address, TestTarget.Nqn, host);
            NvmeNamespace ns = await controller.OpenNamespaceAsync(1);
            await ns.RegisterReservationKeyAsync(7, PersistenceChange.Set);
            await ns.AcquireReservationAsync(ReservationType.WriteExclusive, 7);
            ReservationInfo reservation = Reservation(target);
            Assert.Equal((ReservationType.WriteExclusive, true), (reservation.Type, reservation.PersistsThroughPowerLoss));
            Assert.Equal(new ReservationRegistrantInfo(host, 7, true), Assert.Single(reservation.Registrants));
        }

        await using (TestTarget target = await StartAsync(disk))
        {
            Assert.Equal(new ReservationRegistrantInfo(host, 7, true), Assert.Single(Reservation(target).Registrants));
        }
    }

    [Fact]
    public async Task A_damaged_file_is_one_sentence()
    {
        string file = Path.Combine(_folder.FullName, "disk.json");
        await File.WriteAllTextAsync(file, "{");
        await using TestTarget target = await TestTarget.StartAsync();
        NvmeTargetException refused = await Assert.ThrowsAsync<NvmeTargetException>(
            () => target.Control.AddNamespaceAsync(TestTarget.Nqn, new NvmeNamespaceOptions { Disk = $"mem:1MiB,reservations={file}" }));
        Assert.Equal(
            (NvmeTargetError.Unavailable,
                $"The reservation file {file} cannot be read: it is not what this target writes; restore it, or delete it if no host may rely on a reservation."),
            (refused.Error, refused.Message));
        Assert.Single(target.Control.Subsystems[0].Namespaces);
    }

    private static Task<TestTarget> StartAsync(string disk) =>
        TestTarget.StartAsync(o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace(disk)));

    private static ReservationInfo Reservation(TestTarget target) => target.Control.Subsystems[0].Namespaces[0].Reservation;
}
