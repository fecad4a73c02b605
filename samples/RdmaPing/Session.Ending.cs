using System.Diagnostics;
using RdmaSharp;

namespace RdmaPing;

internal sealed partial class Session
{
    private bool _keepNextLast;
    private RdmaAsyncEvent? _kept;

    /// <summary>Stop posting, disconnect, error state, then count: posted must become completed, as far as the device flushes.</summary>
    public void Disconnect()
    {
        Until("the last sends", () => Client.SendsCompleted == Client.SendsPosted && Server.SendsCompleted == Server.SendsPosted);
        _keepNextLast = true;
        Client.Id.Disconnect();
        bool client = false, server = false;
        while (!client || !server)
        {
            using RdmaConnectionEvent disconnected = Expect(ConnectionEventType.Disconnected);
            client |= disconnected.Id == Client.Id;
            if (disconnected.Id != Server.Id || server)
            {
                continue;
            }

            server = true;
            try
            {
                Server.Id.Disconnect();
            }
            catch (RdmaException)
            {
                // Some transports have ended the connection at both ends by now.
            }
        }

        int errors = 0;
        for (int i = 0; i < 3; i++)
        {
            errors += Server.QueuePair.ModifyToError() == 0 ? 0 : 1;
        }

        _report.Count("refused error states", errors);
        _ = Client.QueuePair.ModifyToError();
        Until("the client's receives", () => Client.ReceivesCompleted == Client.ReceivesPosted);
        if (!_shared)
        {
            Until("the server's receives", () => Server.ReceivesCompleted == Server.ReceivesPosted);
        }

        _report.Equal("client posted minus completed", Client.SendsPosted + Client.ReceivesPosted - Client.SendsCompleted - Client.ReceivesCompleted, 0);
        _report.Count("client flushed", Client.Flushed);
        _report.Count("server flushed", Server.Flushed);
        if (_shared)
        {
            ForAWhile(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>
    /// Gives everything up in the wrong order, with a "last work request reached" of the server still un-acknowledged if the device sends any:
    /// nothing blocks, and everything goes when the last reference does.
    /// </summary>
    public void DestroyInAnyOrder()
    {
        // Identifiers wait for their events as well.
        while (_events.TryDequeue(out RdmaConnectionEvent? rest))
        {
            _report.Note("late event", rest.Type.ToString());
            rest.Acknowledge();
        }

        _report.True("channel waits for its identifiers", _channel.Destroy() == DestructionResult.Deferred);
        _report.True("domain waits for its regions", _domain!.Destroy() == DestructionResult.Deferred);
        _report.True("completion queue waits for its queue pair", Server.Queue.Destroy() == DestructionResult.Deferred);
        _report.True("identifier waits for its queue pair", Server.Id.Destroy() == DestructionResult.Deferred);
        if (Server.Shared is { } queue)
        {
            _report.True("shared receive queue waits for its queue pair", queue.Destroy() == DestructionResult.Deferred);
        }

        if (_kept is not null)
        {
            _report.True("last work request reached of the server", _kept.QueuePair == Server.QueuePair && ReferenceEquals(_kept.QueuePair?.UserState, Server));
            _report.True("queue pair waits for its event", Server.QueuePair.Destroy() == DestructionResult.Deferred);
            _kept.Acknowledge();
        }
        else
        {
            Server.QueuePair.Dispose();
        }

        _report.True("queue pair destroyed", Server.QueuePair.Destruction == DestructionResult.Destroyed);
        _report.True("identifier destroyed with its queue pair", Server.Id.Destruction == DestructionResult.Destroyed);
        _report.True("completion queue destroyed with its queue pair", Server.Queue.Destruction == DestructionResult.Destroyed);
        try
        {
            Server.PostReceive(0);
            _report.Fail("a queue of a destroyed queue pair took a receive");
        }
        catch (ObjectDisposedException)
        {
            _report.True("posting after the destruction is refused", true);
        }

        Server.Dispose();
        Client.Dispose();
        _listener!.Dispose();
        _report.True("domain destroyed with its last region", _domain.Destruction == DestructionResult.Destroyed);
        _report.True("channel destroyed with its last identifier", _channel.Destruction == DestructionResult.Destroyed);
        _report.Count("last work request reached", _asyncEvents.GetValueOrDefault(AsyncEventType.LastWorkRequestReached));
        _report.Count("asynchronous events", _asyncEvents.Values.Sum());
    }

    private void ForAWhile(TimeSpan time)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < time)
        {
            if (!Drain())
            {
                Sleep(milliseconds: 20);
            }
        }
    }
}
