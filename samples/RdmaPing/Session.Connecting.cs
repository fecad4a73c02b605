using System.Text;
using RdmaSharp;

namespace RdmaPing;

internal sealed partial class Session
{
    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(5);
    private static readonly ConnectionParameters Parameters = new() { ResponderResources = 4, InitiatorDepth = 4, RetryCount = 7, ReceiverNotReadyRetryCount = 7 };

    private byte[] _serverOffer = [];
    private byte[] _clientOffer = [];

    public void Connect()
    {
        _listener = new RdmaId(_channel);
        _listener.Bind(_address);
        _listener.Listen(16);

        RdmaId id = Resolve();
        _context = id.Context ?? throw new InvalidOperationException("no device after the resolution");
        _report.Note("device", $"{_context.Name} {_context.TransportType}");
        DeviceAttributes device = _context.QueryDevice();
        _report.True("port active", _context.QueryPort(id.PortNumber).State == PortState.Active);
        _report.True("device attributes", device is { MaxQueuePairs: > 0, MaxWorkRequests: > 0, MaxCompletionQueueEntries: > 0, PortCount: > 0 });
        _domain = new ProtectionDomain(_context);
        _completionChannel = new CompletionChannel(_context);

        _client = new End(id, _domain, _completionChannel, shared: false);
        id.Connect(Parameters, Client.Offer);
        using (RdmaConnectionEvent request = Expect(ConnectionEventType.ConnectRequest))
        {
            _report.True("request names its listener", request.ListenId == _listener);
            _report.True("both ends have one context", request.Id.Context == _context);
            _clientOffer = PrivateData(request);
            _server = new End(request.Id, _domain, _completionChannel, _shared);
        }

        Server.Id.Accept(Parameters, Server.Offer);
        bool server = false, client = false;
        while (!server || !client)
        {
            using RdmaConnectionEvent established = Expect(ConnectionEventType.Established);
            server |= established.Id == Server.Id;
            if (established.Id != Client.Id)
            {
                continue;
            }

            client = true;
            _serverOffer = PrivateData(established);
        }

        _report.True("private data of the request", _clientOffer.AsSpan(0, 12).SequenceEqual(Client.Offer));
        _report.True("private data of the answer", _serverOffer.AsSpan(0, 12).SequenceEqual(Server.Offer));
        _report.True("end points", Client.Id.RemoteEndPoint!.Equals(_address) && Server.Id.LocalEndPoint!.Equals(_address));
    }

    /// <summary>A second connection that the listener does not want, and whose other end destroys its queue pair while the rejection comes.</summary>
    public void Reject()
    {
        using RdmaId id = Resolve();
        using var end = new End(id, _domain!, _completionChannel!, shared: false);
        id.Connect(Parameters);
        Task<DestructionResult> destruction;
        using (RdmaConnectionEvent request = Expect(ConnectionEventType.ConnectRequest))
        {
            // librdmacm moves the identifier's queue pair to the error state when the rejection is fetched.
            end.QueuePair.DetachFromId();
            destruction = Task.Run(() => end.QueuePair.Destroy(Patience));
            request.Id.Reject("no room"u8);
            // Deferred until the event is acknowledged: here by the end of the block.
            _report.True("destruction waits for the event", request.Id.Destroy() == DestructionResult.Deferred);
        }

        using RdmaConnectionEvent rejected = Expect(ConnectionEventType.Rejected);
        _report.True("rejected", rejected.Id == id);
        _report.True("detached queue pair destroyed on another thread", destruction.GetAwaiter().GetResult() == DestructionResult.Destroyed);
        _report.Note("reject status", rejected.Status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _report.True("private data of the rejection", Encoding.UTF8.GetString(PrivateData(rejected)).StartsWith("no room", StringComparison.Ordinal));
    }

    private RdmaId Resolve()
    {
        var id = new RdmaId(_channel);
        id.ResolveAddress(_address, Resolution);
        Expect(ConnectionEventType.AddressResolved).Acknowledge();
        id.ResolveRoute(Resolution);
        Expect(ConnectionEventType.RouteResolved).Acknowledge();
        return id;
    }

    private static byte[] PrivateData(RdmaConnectionEvent connectionEvent)
    {
        byte[] data = new byte[connectionEvent.PrivateDataLength];
        connectionEvent.CopyPrivateData(data);
        return data;
    }
}
