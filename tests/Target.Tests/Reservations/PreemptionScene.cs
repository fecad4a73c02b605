using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;
using static Nvmf.Target.Tests.Reservations.ReservationCommands;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>Host A with two controllers holds the reservation, host B is going to preempt it; each has a loop of its own.</summary>
public sealed class PreemptionScene : IAsyncDisposable
{
    private readonly List<FakeLoop> _loops = [];

    public required TestTarget Target { get; init; }

    public required GatedBackend Backend { get; init; }

    public ReservingHost A { get; private set; } = null!;

    public ReservingHost A2 { get; private set; } = null!;

    public ReservingHost B { get; private set; } = null!;

    public static HostRequest Preempt() => Acquire(2, ReservationType.ExclusiveAccess, ReservationAcquireAction.PreemptAndAbort, 1);

    public static async Task<PreemptionScene> CreateAsync(ReservationType type = ReservationType.ExclusiveAccess, long poolLimit = 64 << 20)
    {
        var scene = new PreemptionScene { Target = new TestTarget(poolLimit: poolLimit), Backend = new GatedBackend() };
        scene.Target.Subsystem.AddNamespace(new NamespaceOptions(), scene.Backend);
        scene.A = await scene.ConnectAsync(1);
        scene.A2 = await scene.ConnectAsync(1);
        scene.B = await scene.ConnectAsync(2);
        await scene.A.RegisterAsync(1);
        await scene.B.RegisterAsync(2);
        await scene.A.AcquireAsync(1, type);
        return scene;
    }

    /// <summary>What was sent has got as far as it can.</summary>
    public async Task SettleAsync()
    {
        for (int round = 0; round < 3; round++)
        {
            foreach (FakeLoop loop in _loops)
            {
                await loop.SettleAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Backend.Hold = false;
        Backend.Release();
        await Target.DisposeAsync();
    }

    private Task<ReservingHost> ConnectAsync(int number)
    {
        _loops.Add(Target.AddLoop());
        return ReservingHost.ConnectAsync(Target, number, _loops[^1]);
    }
}
