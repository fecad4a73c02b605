using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Testing;
using Nvmf.Transport.Tcp;
using Nvmf.Transport.Tcp.QueuePairs;

namespace Nvmf.Initiator.Tests.Fakes;

/// <summary>
/// A controller over real TCP that says what a test wants it to: well behaved until <see cref="OnCommand"/> takes a command over, and silent about
/// commands that it does not know.
/// </summary>
internal sealed class ScriptedController : IQueuePairHandler, IAsyncDisposable
{
    private readonly TcpTransportFactory _transport;
    private readonly IQueuePairListener _listener;
    private readonly Task _accepting;
    private readonly PoisonedPool _pool = new();
    private readonly ConcurrentDictionary<QueuePair, List<QueuePairCommand>> _silent = new();
    private ControllerConfiguration _configuration;

    private ScriptedController(TcpTransportFactory transport, Func<BufferPool, Task<IQueuePairListener>> bind)
    {
        _transport = transport;
        _listener = bind(_pool.Pool).GetAwaiter().GetResult();
        HostPool = new PoisonedPool();
        Host = new NvmeHost(HostPool.Pool);
        Identity.ControllerId = 1;
        Identity.IoQueueCommandCapsuleSize = 4;
        Identity.AbortCommandLimit = 3;
        Identity.MaxOutstandingCommands = 64;
        _accepting = AcceptAsync();
    }

    /// <summary>Takes a command over by completing it (or not) and returning true. On the queue pair's loop.</summary>
    public Func<ScriptedController, QueuePairCommand, bool> OnCommand { get; set; } = static (_, _) => false;

    public IdentifyController Identity;

    public ControllerCapabilities Capabilities { get; set; } = new() { MaxQueueEntries = 63, Timeout = 2, NvmCommandSet = true };

    /// <summary>Opcodes seen, in order.</summary>
    public ConcurrentQueue<byte> Seen { get; } = new();

    public NvmeHost Host { get; }

    public PoisonedPool HostPool { get; }

    public EndPoint EndPoint => _listener.EndPoint;

    public static ScriptedController Start()
    {
        var transport = new TcpTransportFactory(Options.Create(new TcpTransportOptions()), NullLoggerFactory.Instance);
        return new ScriptedController(
            transport,
            pool => new TcpQueuePairListenerFactory(transport, pool).BindAsync(new IPEndPoint(IPAddress.Loopback, 0)).AsTask());
    }

    public Task<NvmeController> ConnectAsync(NvmeConnectOptions? options = null) =>
        Host.ConnectAsync(EndPoint, options ?? new NvmeConnectOptions { SubsystemNqn = "nqn.test", QueueCount = 0, KeepAlive = TimeSpan.Zero })
            .WaitAsync(TargetFixture.Patience);

    public static void Complete(QueuePairCommand command, NvmeStatus status = default, ulong result = 0) =>
        command.Complete(new CompletionQueueEntry { CommandId = command.Entry.CommandId, Status = status, Result = result });

    public void CompleteWith(QueuePairCommand command, ReadOnlySpan<byte> data)
    {
        Assert.True(_pool.Pool.TryRent((int)command.DataLength, BufferPriority.Administration, out var lease));
        lease.Span.Clear();
        data[..Math.Min(data.Length, lease.Length)].CopyTo(lease.Span);
        command.CompleteWithData(new CompletionQueueEntry { CommandId = command.Entry.CommandId }, lease);
    }

    /// <summary>Never answers; the command is dropped when the queue pair ends.</summary>
    public bool Ignore(QueuePairCommand command)
    {
        _silent.GetOrAdd(command.QueuePair, static _ => []).Add(command);
        return true;
    }

    void IQueuePairHandler.OnCommand(QueuePairCommand command)
    {
        Seen.Enqueue(command.Entry.Opcode);
        if (OnCommand(this, command))
        {
            return;
        }

        if (command.Entry.IsFabrics())
        {
            Fabrics(command);
        }
        else if (command.Entry.Opcode == (byte)AdminOpcode.Identify && IdentifyCommand.Of(in command.Entry).Cns == IdentifyCns.Controller)
        {
            CompleteWith(command, WireStructure.AsBytes(in Identity));
        }
        else if (command.Entry.Opcode == (byte)AdminOpcode.SetFeatures)
        {
            Complete(command);
        }
        else
        {
            Ignore(command);
        }
    }

    void IQueuePairHandler.OnDataReceived(QueuePairCommand command, NvmeStatus status) => Complete(command, status);

    void IQueuePairHandler.OnQuiescing(QueuePair queuePair, TeardownCause cause)
    {
        if (!_silent.TryRemove(queuePair, out var commands))
        {
            return;
        }

        foreach (var command in commands)
        {
            command.Drop();
        }
    }

    void IQueuePairHandler.OnClosed(QueuePair queuePair, DrainReport report)
    {
    }

    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        await _listener.UnbindAsync();
        await _accepting.WaitAsync(TargetFixture.Patience);
        await _listener.DisposeAsync();
        await _transport.DisposeAsync().AsTask().WaitAsync(TargetFixture.Patience);
        HostPool.Dispose();
        _pool.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (await _listener.AcceptAsync() is { } queuePair)
        {
            queuePair.Start(this);
        }
    }

    private void Fabrics(QueuePairCommand command)
    {
        switch (command.Entry.FabricsCommandType)
        {
            case FabricsCommandType.Connect:
                ref readonly var connect = ref ConnectCommand.Of(in command.Entry);
                command.QueuePair.OnConnected(new QueuePairParameters(connect.QueueId, connect.SubmissionQueueSize + 1, false));
                Complete(command, result: ConnectResult.Success(Identity.ControllerId));
                break;
            case FabricsCommandType.PropertySet:
                _configuration = new ControllerConfiguration((uint)PropertyCommand.Of(in command.Entry).Value);
                Complete(command);
                break;
            default:
                Complete(command, result: GetProperty(PropertyCommand.Of(in command.Entry).Offset));
                break;
        }
    }

    public static bool IsConnect(QueuePairCommand command) =>
        command.Entry.IsFabrics() && command.Entry.FabricsCommandType == FabricsCommandType.Connect;

    private ulong GetProperty(PropertyOffset offset) => offset switch
    {
        PropertyOffset.Capabilities => Capabilities.Value,
        PropertyOffset.Version => NvmeVersion.Version14.Value,
        PropertyOffset.Configuration => _configuration.Value,
        _ => new ControllerStatus
        {
            Ready = _configuration.Enable,
            Shutdown = _configuration.ShutdownNotification == ShutdownNotification.None ? ShutdownStatus.Normal : ShutdownStatus.Complete,
        }.Value,
    };
}
