using System.Collections.Concurrent;
using Nvmf.EventLoop;
using Nvmf.Transport.Tcp.Internal;

namespace Nvmf.Transport.Tcp.Tests.Connections;

/// <summary>Answers accept with the given errors, one per call, before it asks the kernel.</summary>
internal sealed class ScriptedListenSocket(TcpListenSocket inner) : TcpListenSocket
{
    private readonly ConcurrentQueue<int> _errors = new();
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public bool IsExhausted => _errors.IsEmpty;

    public ReadyEvents Events { get; private set; }

    public void Refuse(int errno, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _errors.Enqueue(errno);
        }
    }

    public override int Accept(Span<byte> address, out int length)
    {
        Interlocked.Increment(ref _calls);
        length = 0;
        return _errors.TryDequeue(out int errno) ? -errno : inner.Accept(address, out length);
    }

    public override void Register(EventLoopThread loop, ReadyEvents events, IEventLoopHandler handler) => inner.Register(loop, Events = events, handler);

    public override void SetEvents(ReadyEvents events) => inner.SetEvents(Events = events);

    public override void Close() => inner.Close();
}
