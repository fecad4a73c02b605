using Nvmf.Interop.Lab;

namespace Nvmf.Interop.Rdma;

/// <summary>The kernel's host with fio and flushed writes on namespace 1, this library's own host on namespace 2, of one target.</summary>
internal sealed class RdmaLoad
{
    private readonly LinuxController _controller;
    private readonly FioLoad _fio;
    private readonly OwnWriter _own;

    private RdmaLoad(LinuxController controller, FioLoad fio, FlushedWriter flushed, OwnWriter own)
    {
        _controller = controller;
        _fio = fio;
        Flushed = flushed;
        _own = own;
    }

    public FlushedWriter Flushed { get; }

    /// <summary>Starts all three and waits until they write.</summary>
    public static async Task<RdmaLoad> StartAsync(Guest guest, LinuxController controller, int fioStart)
    {
        string device = await controller.DeviceAsync();
        FioLoad fio = await FioLoad.StartAsync(guest, device, fioStart, mebibytes: 1);
        var flushed = await FlushedWriter.StartAsync(guest, device);
        OwnWriter own = await OwnWriter.StartAsync(guest, RdmaTarget.Nqn, namespaceId: 2, RdmaTarget.Address);
        return new RdmaLoad(controller, fio, flushed, own);
    }

    /// <summary>Does something after which both hosts lose the target, then something after which they must find it, and go on.</summary>
    public async Task LoseAndFindAsync(Func<Task> lose, Func<Task> find)
    {
        await MakesProgressAsync();
        await lose();
        await _controller.WaitForStateAsync("connecting", Patience.Long);
        await _own.PathIsAsync(0, live: false);
        await find();
        await _controller.WaitForStateAsync("live", Patience.Long);
        await _own.PathIsAsync(0, live: true);
        await MakesProgressAsync();
    }

    /// <summary>Waits until all three have written more than now.</summary>
    public async Task MakesProgressAsync()
    {
        await _fio.MakesProgressAsync();
        await Flushed.MakesProgressAsync();
        await _own.MakesProgressAsync();
    }

    /// <summary>Ends it: fio has compared all it wrote, the own host has found each acknowledged write.</summary>
    public async Task<string> StopAsync()
    {
        string own = await _own.StopAsync();
        int flushed = await Flushed.StopAsync();
        return $"{await _fio.StopAsync()}; {flushed} flushed writes; own host: {own}";
    }
}
