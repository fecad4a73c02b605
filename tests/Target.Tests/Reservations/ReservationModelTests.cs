using System.Globalization;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Support;
using Xunit.Abstractions;
using static Nvmf.Target.Tests.Reservations.ReservationCommands;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>Random commands of several hosts, some with two controllers, on several loops; status, report, access and notifications against <see cref="ReservationModel"/>.</summary>
public class ReservationModelTests(ITestOutputHelper output)
{
    private const int Hosts = 5;
    private const int Steps = 4000;

    [Fact]
    public async Task Random_commands_agree_with_the_specification()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("NVMF_TEST_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : Random.Shared.Next();
        output.WriteLine($"NVMF_TEST_SEED={seed}");
        var random = new Random(seed);
        await using var target = new TestTarget();
        target.AddMemory();
        ReservingHost[] controllers = new ReservingHost[Hosts + 2];
        var model = new ReservationModel();
        for (int i = 0; i < controllers.Length; i++)
        {
            controllers[i] = await ReservingHost.ConnectAsync(target, (i % Hosts) + 1, target.AddLoop());
            model.Notices[(i % Hosts) + 1] = [];
        }

        int[] seen = new int[7];
        for (int step = 0; step < Steps; step++)
        {
            int index = random.Next(controllers.Length);
            int host = (index % Hosts) + 1;
            (string what, NvmeStatus actual, NvmeStatus expected) = await StepAsync(random, controllers[index], model, host);
            string context = $"seed {seed}, step {step}, host {host}: {what}";
            Assert.True(expected == actual, $"{context}: {actual}, not {expected}");
            seen[model.Type]++;
            await CompareAsync(controllers, model, random, context);
        }

        output.WriteLine($"steps by type of the reservation: {string.Join(' ', seen)}");
        Assert.All(seen, count => Assert.True(count > 20, $"seed {seed}: a type was seen only {count} times"));
    }

    private static async Task<(string What, NvmeStatus Actual, NvmeStatus Expected)> StepAsync(Random random, ReservingHost controller, ReservationModel model, int host)
    {
        ulong other = (ulong)random.Next(4);

        // Mostly the right key.
        ulong current = random.Next(8) != 0 && model.Keys.TryGetValue(host, out ulong key) ? key : (ulong)random.Next(4);
        int type = random.Next(1, 7);
        switch (random.Next(20))
        {
            case < 7:
                int register = random.Next(10) switch { < 6 => 0, < 8 => 1, _ => 2 };
                bool ignore = random.Next(4) == 0;
                return ($"register {register} {ignore} {current} {other}",
                    await controller.DoAsync(Register(current, other, (ReservationRegisterAction)register, ignore, inCapsule: random.Next(2) == 0)),
                    model.Register(host, register, ignore, current, other));
            case < 17:
                int acquire = random.Next(3);
                return ($"acquire {acquire} type {type} {current} {other}",
                    await controller.DoAsync(Acquire(current, (ReservationType)type, (ReservationAcquireAction)acquire, other)),
                    model.Acquire(host, acquire, type, current, other));
            default:
                int release = random.Next(12) == 0 ? 1 : 0;
                type = random.Next(3) != 0 ? model.Type : type;
                return ($"release {release} type {type} {current}",
                    await controller.DoAsync(Release(current, (ReservationType)type, (ReservationReleaseAction)release)),
                    model.Release(host, release, type, current));
        }
    }

    private static async Task CompareAsync(ReservingHost[] controllers, ReservationModel model, Random random, string context)
    {
        (ReservationStatusHeader header, ReservationRegistrantEntry[] registrants) = await controllers[random.Next(controllers.Length)].ReportAsync();
        Assert.True((model.Generation, model.Type) == (header.Generation, (int)header.Type), $"{context}: generation {header.Generation}, type {header.Type}");
        IEnumerable<string> expected = model.Keys.Select(pair => $"{ReservingHost.IdOf(pair.Key)} {pair.Value} {model.Holders.Contains(pair.Key)}");
        IEnumerable<string> actual = registrants.Select(entry => $"{entry.HostId.ToGuid()} {entry.Key} {entry.HoldsReservation}");
        Assert.True(expected.Order().SequenceEqual(actual.Order()), $"{context}: {string.Join(", ", actual)} instead of {string.Join(", ", expected)}");

        int index = random.Next(controllers.Length);
        int host = (index % Hosts) + 1;
        bool write = random.Next(2) == 0;
        NvmeStatus status = write ? await controllers[index].WriteAsync() : await controllers[index].ReadAsync();
        Assert.True(status == (model.Allows(host, write) ? NvmeStatus.Success : NvmeStatus.ReservationConflict), $"{context}: host {host} write {write}: {status}");

        // By the controller that each host has first; it reads everything before the queue is full.
        int reader = random.Next(Hosts);
        while (model.Notices[reader + 1].TryDequeue(out int type))
        {
            ReservationNotification notification = await controllers[reader].NotificationAsync();
            Assert.True(type == (int)notification.Type, $"{context}: host {reader + 1} reads {notification.Type}");
        }

        Assert.True(default(ReservationNotification).Equals(await controllers[reader].NotificationAsync()), $"{context}: host {reader + 1} was told too much");
    }
}
