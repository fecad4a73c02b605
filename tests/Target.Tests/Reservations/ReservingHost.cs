using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>A host with an identifier of its own, a controller and an I/O queue.</summary>
public sealed class ReservingHost(TestHost host, FakeQueuePair io, Guid id)
{
    public Guid Id => id;

    public TestHost Host => host;

    public FakeQueuePair Io => io;

    public static Guid IdOf(int number) => new(number, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);

    /// <summary>The same number twice: another controller of the same host.</summary>
    public static async Task<ReservingHost> ConnectAsync(TestTarget target, int number, FakeLoop? loop = null)
    {
        Guid id = number == 0 ? Guid.Empty : IdOf(number);
        TestHost host = await target.ConnectAsync(hostNqn: $"nqn.2025-06.test:host{number}", keepAlive: 600_000, loop: loop, hostId: id);
        return new ReservingHost(host, await host.ConnectIoAsync(loop: loop), id);
    }

    public HostRequest Send(HostRequest request) => host.Send(io, request);

    /// <summary>The status, without Do Not Retry.</summary>
    public async Task<NvmeStatus> DoAsync(HostRequest request) => (await host.IoAsync(io, request)).Code;

    public async Task SucceedAsync(HostRequest request) => Assert.Equal(NvmeStatus.Success, await DoAsync(request));

    public async Task FailAsync(NvmeStatus expected, HostRequest request) => Assert.Equal(expected.WithDoNotRetry(), (await host.IoAsync(io, request)).Status);

    public Task RegisterAsync(ulong key) => SucceedAsync(ReservationCommands.Register(0, key, ReservationRegisterAction.Register));

    public Task AcquireAsync(ulong key, ReservationType type) => SucceedAsync(ReservationCommands.Acquire(key, type));

    public Task<NvmeStatus> WriteAsync() => DoAsync(Commands.Write(0, new byte[512]));

    public Task<NvmeStatus> ReadAsync() => DoAsync(Commands.Read(0, 1));

    public async Task<(ReservationStatusHeader Header, ReservationRegistrantEntry[] Registrants)> ReportAsync(uint length = 4096)
    {
        Answer answer = await host.IoAsync(io, ReservationCommands.Report(length));
        Assert.Equal(NvmeStatus.Success, answer.Status);
        ReservationStatusHeader header = WireStructure.Read<ReservationStatusHeader>(answer.Data);
        return (header, MemoryMarshal.Cast<byte, ReservationRegistrantEntry>(answer.Data.AsSpan(64))[..header.Registrants].ToArray());
    }

    public async Task<ReservationNotification> NotificationAsync(bool retain = false)
    {
        Answer answer = await host.SucceedAsync(Commands.GetLog(LogPageIdentifier.ReservationNotification, 64, retain: retain));
        return WireStructure.Read<ReservationNotification>(answer.Data);
    }
}
