using System.Collections.Concurrent;
using Nvmf.EventLoop.Native;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>A disk in memory that can be slow, short, full, broken, or without any of the optional operations.</summary>
internal sealed unsafe class FakeFileDevice : FileDevice
{
    private readonly Lock _lock = new();
    private byte[] _bytes;
    private int _atGate;

    public FakeFileDevice(int length) => _bytes = new byte[length];

    /// <summary>Calls that may wait, with the thread that made them.</summary>
    public ConcurrentQueue<(string Call, int Thread)> Blocking { get; } = [];

    /// <summary>Calls that may wait wait for this one.</summary>
    public ManualResetEventSlim Gate { get; } = new(true);

    /// <summary>Calls that have come as far as the gate, let through or not.</summary>
    public int AtGate => Volatile.Read(ref _atGate);

    /// <summary>Called before every operation with its name; a negative number is the answer.</summary>
    public Func<string, int> Fault { get; set; } = _ => 0;

    /// <summary>Largest number of bytes of one read or write.</summary>
    public int MaxTransfer { get; set; } = int.MaxValue;

    public bool SupportsNow { get; set; }

    public bool SupportsDurableWrites { get; set; } = true;

    public bool SupportsZeroRange { get; set; }

    public bool SupportsHoles { get; set; }

    public int Syncs { get; private set; }

    /// <summary>Bytes allocated by the threads of the back end between two of its calls.</summary>
    public long AllocatedByThreads { get; private set; }

    public bool IsDisposed { get; private set; }

    public override long Length => _bytes.Length;

    public override bool CanPunchHoles => SupportsHoles;

    private readonly Dictionary<int, long> _allocated = [];

    public override nint ReadNow(byte* destination, nint length, long offset) =>
        !SupportsNow ? -Errno.EOPNOTSUPP : Fault("ReadNow") is < 0 and var error ? error : Copy(new Span<byte>(destination, (int)length), offset);

    public override nint WriteNow(byte* source, nint length, long offset) =>
        !SupportsNow ? -Errno.EOPNOTSUPP : Fault("WriteNow") is < 0 and var error ? error : Store(new Span<byte>(source, (int)length), offset);

    public override nint Read(byte* destination, nint length, long offset) =>
        Enter("Read") is < 0 and var error ? error : Copy(new Span<byte>(destination, (int)length), offset);

    public override nint Write(byte* source, nint length, long offset, bool durable)
    {
        if (durable && !SupportsDurableWrites)
        {
            return -Errno.EOPNOTSUPP;
        }

        int error = Enter(durable ? "WriteDurably" : "Write");
        return error < 0 ? error : Store(new Span<byte>(source, (int)length), offset);
    }

    public override int Sync()
    {
        int error = Enter("Sync");
        Syncs++;
        return error;
    }

    public override int ZeroRange(long offset, long length) => SupportsZeroRange ? Clear("ZeroRange", offset, length) : -Errno.EOPNOTSUPP;

    public override int PunchHole(long offset, long length) => SupportsHoles ? Clear("PunchHole", offset, length) : -Errno.EOPNOTSUPP;

    public override int SetLength(long length)
    {
        Array.Resize(ref _bytes, (int)length);
        return Fault("SetLength");
    }

    public override void Dispose() => IsDisposed = true;

    private int Clear(string name, long offset, long length)
    {
        int error = Enter(name);
        if (error >= 0)
        {
            Array.Clear(_bytes, (int)offset, (int)length);
        }

        return error;
    }

    private int Enter(string call)
    {
        int thread = Environment.CurrentManagedThreadId;
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        lock (_lock)
        {
            if (_allocated.TryGetValue(thread, out long before))
            {
                AllocatedByThreads += allocated - before;
            }
        }

        Interlocked.Increment(ref _atGate);

        // With a deadline: a failed test must not hang in disposal.
        Gate.Wait(TimeSpan.FromSeconds(10));
        Blocking.Enqueue((call, thread));
        int result = Fault(call);
        lock (_lock)
        {
            _allocated[thread] = GC.GetAllocatedBytesForCurrentThread();
        }

        return result;
    }

    private nint Copy(Span<byte> destination, long offset)
    {
        int count = (int)Math.Min(Math.Min(destination.Length, MaxTransfer), Math.Max(_bytes.Length - offset, 0));
        CopySlowly(_bytes.AsSpan((int)offset, count), destination);
        return count;
    }

    private nint Store(Span<byte> source, long offset)
    {
        int count = Math.Min(source.Length, MaxTransfer);
        CopySlowly(source[..count], _bytes.AsSpan((int)offset));
        return count;
    }

    // Now and then somebody else comes in between, in the middle of a block.
    private static void CopySlowly(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        int half = Math.Min(source.Length, 200);
        source[..half].CopyTo(destination);
        if (Random.Shared.Next(8) == 0)
        {
            Thread.Yield();
        }

        source[half..].CopyTo(destination[half..]);
    }
}
