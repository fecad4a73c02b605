using System.Diagnostics;
using System.Net;
using RdmaSharp;

namespace RdmaPing;

/// <summary>The two ends, and the loop that waits for all three kinds of events.</summary>
internal sealed partial class Session : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly IPEndPoint _address;
    private readonly bool _shared;
    private readonly Report _report;
    private readonly RdmaEventChannel _channel = new();
    private readonly Queue<RdmaConnectionEvent> _events = [];
    private readonly Dictionary<AsyncEventType, int> _asyncEvents = [];
    private RdmaContext? _context;
    private CompletionChannel? _completionChannel;
    private ProtectionDomain? _domain;
    private RdmaId? _listener;
    private End? _server;
    private End? _client;
    private int _completionEvents;

    public Session(IPEndPoint address, bool shared, Report report)
    {
        _address = address;
        _shared = shared;
        _report = report;
    }

    private End Server => _server ?? throw new InvalidOperationException("not connected");
    private End Client => _client ?? throw new InvalidOperationException("not connected");

    public void Dispose()
    {
        _server?.Dispose();
        _client?.Dispose();
        _listener?.Dispose();
        _domain?.Dispose();
        _completionChannel?.Dispose();
        _channel.Dispose();
    }

    /// <summary>Waits for the next event of a connection, which must be of this type.</summary>
    private RdmaConnectionEvent Expect(ConnectionEventType type)
    {
        Until($"event {type}", () => _events.Count > 0);
        RdmaConnectionEvent next = _events.Dequeue();
        if (next.Type == type)
        {
            return next;
        }

        string message = $"expected {type}, got {next.Type}, status {next.Status}";
        next.Acknowledge();
        throw new InvalidOperationException(message);
    }

    private void Until(string what, Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Failure is { } failure)
            {
                throw new InvalidOperationException($"{failure}, waiting for {what}");
            }

            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"waited {Patience.TotalSeconds} s for {what}");
            }

            if (!Drain())
            {
                Sleep(milliseconds: 100);
            }
        }
    }

    private string? Failure => _client?.Failure ?? _server?.Failure;

    private void Sleep(int milliseconds)
    {
        if (_completionChannel is null)
        {
            Descriptors.Wait([_channel.Descriptor], milliseconds);
        }
        else
        {
            Descriptors.Wait([_channel.Descriptor, _completionChannel.Descriptor, _context!.AsyncEventDescriptor], milliseconds);
        }
    }

    /// <summary>Fetches what waits on the three descriptors; false if there was nothing.</summary>
    private bool Drain()
    {
        bool any = false;
        while (_channel.TryGetEvent(out RdmaConnectionEvent? connectionEvent))
        {
            any = true;
            _events.Enqueue(connectionEvent);
        }

        while (_completionChannel is not null && _completionChannel.TryGetEvent(out CompletionQueue? queue))
        {
            any = true;
            _completionEvents++;
            queue.AcknowledgeEvents(1);
            queue.RequestNotification();
            // Only after the request: what comes from now on causes an event.
            (queue == _server?.Queue ? _server : _client)?.Poll();
        }

        while (_context is not null && _context.TryGetAsyncEvent(out RdmaAsyncEvent? asyncEvent))
        {
            any = true;
            Handle(asyncEvent);
        }

        return any;
    }

    private void Handle(RdmaAsyncEvent asyncEvent)
    {
        _asyncEvents[asyncEvent.Type] = _asyncEvents.GetValueOrDefault(asyncEvent.Type) + 1;
        if (asyncEvent.Type == AsyncEventType.LastWorkRequestReached && _keepNextLast)
        {
            _keepNextLast = false;
            _kept = asyncEvent;
            return;
        }

        asyncEvent.Acknowledge();
    }
}
