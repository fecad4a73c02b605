using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Bench.Floor;

/// <summary>
/// The load for floor and target alike: one I/O queue kept full by prebuilt capsules. Data that arrives is skipped where it was received, so that the client
/// costs as little as possible and the same for both.
/// </summary>
internal sealed partial class ClientConnection : IOwnedMemoryConnectionHandler
{
    private readonly ConnectionContext _context;
    private readonly IOwnedMemoryConnectionFeature _connection;
    private readonly TaskCompletionSource _handshake = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ushort _controllerId;
    private readonly string _subsystem;
    private readonly string _host;
    private readonly Guid _hostId;
    private int _maxHostData = Wire.MaxHostData;
    private int _skip;

    public ClientConnection(ConnectionContext context, ushort controllerId, string subsystem, string host, Guid hostId)
    {
        _context = context;
        _controllerId = controllerId;
        _subsystem = subsystem;
        _host = host;
        _hostId = hostId;
        _connection = context.Features.Get<IOwnedMemoryConnectionFeature>() ?? throw new InvalidOperationException("The transport has no owned-memory connections.");
    }

    public string? Failure { get; private set; }

    /// <summary>ICReq, ICResp, Connect of queue 1.</summary>
    public async Task StartAsync()
    {
        _connection.Lifecycle.TryGoLive();
        _connection.Attach(this);
        Post(() => Wire.WriteICReq(_connection.AppendHeader(Wire.ICReqSize)));
        await _handshake.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }

    public async Task CloseAsync()
    {
        _connection.Lifecycle.BeginTeardown(TeardownCause.LocalClose);
        await _closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await _context.DisposeAsync();
    }

    public int OnReceived(ReadOnlySpan<byte> bytes)
    {
        var consumed = Math.Min(_skip, bytes.Length);
        _skip -= consumed;
        while (bytes.Length - consumed >= Wire.CommonHeaderSize)
        {
            var rest = bytes[consumed..];
            var type = Wire.TypeOf(rest);
            var headerLength = type == Wire.ICResp ? Wire.ICReqSize : Wire.ShortHeaderSize;
            if (rest.Length < headerLength)
            {
                break;
            }

            var length = type == Wire.C2HData ? Wire.LengthOf(rest) : headerLength;
            var present = Math.Min(length, rest.Length);
            _skip = length - present;
            consumed += present;
            OnHeader(type, rest);
        }

        return consumed;
    }

    public void OnReceivedInto(BufferLease destination)
    {
    }

    public void OnBatchEnd()
    {
    }

    public void OnPeerClosed(Exception? error) => Fail(error?.Message ?? "The server closed the connection.");

    public void OnQuiescing(TeardownCause cause) => Fail($"The connection ends: {cause}.");

    public void OnClosed(DrainReport report) => _closed.TrySetResult();

    private void OnHeader(byte type, ReadOnlySpan<byte> header)
    {
        switch (type)
        {
            case Wire.ICResp:
                _maxHostData = Wire.MaxHostDataOf(header);
                SendConnect();
                break;
            case Wire.C2HData:
                // With SUCCESS, the last data PDU is the completion too.
                if ((Wire.FlagsOf(header) & Wire.Success) != 0)
                {
                    OnCompletion(Wire.CommandIdOf(header));
                }

                break;
            case Wire.R2T:
                SendData(header);
                break;
            case Wire.CapsuleResponse:
                var completion = Wire.CompletionOf(header);
                if (!completion.Status.IsSuccess)
                {
                    Fail($"A command failed: {completion.Status}.");
                }
                else if (!_handshake.TrySetResult())
                {
                    OnCompletion(completion.CommandId);
                }

                break;
            default:
                Fail($"A PDU of type {type:X2}h came.");
                break;
        }
    }

    private void SendConnect()
    {
        var header = _connection.AppendHeader(Wire.CommandHeaderSize + ConnectData.Size);
        header.Clear();
        Wire.WriteCommonHeader(header, Wire.CapsuleCommand, 0, Wire.CommandHeaderSize, ConnectData.Size);
        var entry = new SubmissionQueueEntry
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Flags = SubmissionQueueEntryExtensions.SglFlags,
            FabricsCommandType = FabricsCommandType.Connect,
            Sgl = new SglDescriptor { Length = ConnectData.Size, Identifier = SglDescriptor.DataBlockOffset },
        };
        ref var connect = ref ConnectCommand.Edit(ref entry);
        connect.QueueId = 1;
        connect.SubmissionQueueSize = QueueSize;
        WireStructure.Write(header[Wire.CommonHeaderSize..], entry);
        ref var data = ref WireStructure.View<ConnectData>(header[Wire.CommandHeaderSize..]);
        data.HostId = new Identifier128(_hostId);
        data.ControllerId = _controllerId;
        data.SubsystemNqn.Set(_subsystem);
        data.HostNqn.Set(_host);
    }

    private void Post(Action action)
    {
        if (!_connection.Lifecycle.TryAcquire(ReferenceKind.Event))
        {
            return;
        }

        _connection.Post(new PostedAction(_connection, action));
    }

    private void Fail(string message)
    {
        Failure ??= message;
        _handshake.TrySetException(new IOException(message));
    }

    private sealed class PostedAction(IOwnedMemoryConnectionFeature connection, Action action) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            action();
            connection.Flush();
            connection.Lifecycle.Release(ReferenceKind.Event);
        }
    }
}
