using System.Runtime.InteropServices;

namespace RdmaSharp;

/// <summary>
/// A native object and the counted references to the objects that it was made from: a queue pair keeps its completion queues, its
/// protection domain and its connection identifier alive.
/// </summary>
/// <remarks>
/// <para><see cref="SafeHandle.Dispose()"/> gives the owner's reference up. The native object is destroyed when the last reference is gone: those of
/// objects made from it, of calls that are running and of events that were not acknowledged. So objects may be disposed of in any order and are
/// destroyed in the right one, and a destruction never blocks for an event. <see cref="Destroy()"/> tells what happened.</para>
/// <para>Thread-safe. The last reference's thread runs the destruction, which enters the kernel.</para>
/// </remarks>
public abstract class RdmaHandle : SafeHandle
{
    private static long _live;
    private static long _failed;

    private readonly RdmaHandle?[] _parents;
    private readonly object _destroyed = new();
    private GCHandle _cookie;
    private volatile bool _disposed;
    private volatile int _destruction = (int)DestructionResult.Deferred;

    private protected RdmaHandle(bool owned, params RdmaHandle?[] parents) : base(0, owned)
    {
        IsOwned = owned;
        _parents = parents;
        int referenced = 0;
        try
        {
            for (; referenced < parents.Length; referenced++)
            {
                parents[referenced]?.Reference();
            }
        }
        catch
        {
            while (referenced-- > 0)
            {
                parents[referenced]?.DangerousRelease();
            }

            _parents = [];
            throw;
        }
    }

    /// <summary>Native objects that exist now, made by this library in this process. Zero after all was disposed of.</summary>
    public static long LiveCount => Interlocked.Read(ref _live);

    /// <summary>Native objects whose destruction failed; they and what they were made from are kept until the process ends.</summary>
    public static long FailedDestructionCount => Interlocked.Read(ref _failed);

    /// <summary>What has become of the native object: <see cref="DestructionResult.Deferred"/> while it exists.</summary>
    public DestructionResult Destruction => (DestructionResult)_destruction;

    /// <summary>The errno of a failed destruction, 0 otherwise.</summary>
    public int DestructionError { get; private set; }

    /// <summary>Disposes of the handle and waits until the native object is gone.</summary>
    /// <param name="timeout">At most this long; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <returns><see cref="DestructionResult.Deferred"/> if something still refers to it then: it will be destroyed with the last reference.</returns>
    /// <remarks>Not on a thread that holds such a reference: an event of the object that was not acknowledged, for one.</remarks>
    public DestructionResult Destroy(TimeSpan timeout)
    {
        Dispose();
        long end = timeout == Timeout.InfiniteTimeSpan ? long.MaxValue : Environment.TickCount64 + (long)timeout.TotalMilliseconds;
        lock (_destroyed)
        {
            while (Destruction == DestructionResult.Deferred && end - Environment.TickCount64 is > 0 and long left)
            {
                Monitor.Wait(_destroyed, (int)Math.Min(left, int.MaxValue));
            }
        }

        return Destruction;
    }

    /// <summary>Anything of the user's: leads from an event's object to whoever handles it. Not used by this library.</summary>
    public object? UserState { get; set; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>Disposes of the handle and tells whether the native object is gone.</summary>
    /// <returns>
    /// <see cref="DestructionResult.Deferred"/> if something still refers to it: it will be destroyed with the last reference.
    /// <see cref="DestructionResult.Failed"/> if the library refused, see <see cref="DestructionError"/>.
    /// </returns>
    public DestructionResult Destroy()
    {
        Dispose();
        return Destruction;
    }

    /// <summary>Whether the native object is destroyed with the handle.</summary>
    private protected bool IsOwned { get; }

    /// <summary>Whether it is in <see cref="LiveCount"/>: all but what no user can dispose of.</summary>
    private protected virtual bool IsCounted => true;

    /// <summary>The native pointer. The caller must know that the handle is alive.</summary>
    internal nint Native => handle;

    /// <summary>What the native object carries as its context: leads back here, as long as this object is alive.</summary>
    private protected nint Cookie
    {
        get
        {
            if (!_cookie.IsAllocated)
            {
                _cookie = GCHandle.Alloc(this, GCHandleType.Weak);
            }

            return GCHandle.ToIntPtr(_cookie);
        }
    }

    /// <summary>
    /// The owner of a cookie with a reference taken, or null when it is disposed of. Only while the native object is known to exist: an event
    /// that was read and not acknowledged keeps it.
    /// </summary>
    internal static T? TryReference<T>(nint cookie) where T : RdmaHandle
    {
        if (cookie == 0 || GCHandle.FromIntPtr(cookie).Target is not T owner || owner._disposed)
        {
            return null;
        }

        try
        {
            owner.Reference();
            return owner;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Takes a reference, to be given back by DangerousRelease. One that is disposed of gives none, even while others keep it.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    internal void Reference()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        bool added = false;
        DangerousAddRef(ref added);
    }

    /// <summary>Takes the result of the call that makes the native object.</summary>
    /// <exception cref="RdmaException"><paramref name="native"/> is 0.</exception>
    private protected void Adopt(nint native, string call, string? advice = null)
    {
        if (native == 0)
        {
            throw Abandon(call, Marshal.GetLastPInvokeError(), advice);
        }

        SetHandle(native);
        if (IsOwned && IsCounted)
        {
            Interlocked.Increment(ref _live);
        }
    }

    /// <summary>The native object was not made: lets go of the parents.</summary>
    private protected RdmaException Abandon(string call, int error, string? advice = null)
    {
        SetHandleAsInvalid();
        ReleaseRest();
        return new RdmaException(call, error, advice);
    }

    /// <summary>Destroys the native object; returns 0 or errno.</summary>
    private protected abstract int DestroyNative(nint native);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _disposed = true;
        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        int error = DestroyNative(handle);
        if (error != 0)
        {
            DestructionError = error;
            Interlocked.Increment(ref _failed);
            Announce(DestructionResult.Failed);
            return false;
        }

        if (IsCounted)
        {
            Interlocked.Decrement(ref _live);
        }

        ReleaseRest();
        Announce(DestructionResult.Destroyed);
        return true;
    }

    private void Announce(DestructionResult result)
    {
        lock (_destroyed)
        {
            _destruction = (int)result;
            Monitor.PulseAll(_destroyed);
        }
    }

    private void ReleaseRest()
    {
        if (_cookie.IsAllocated)
        {
            _cookie.Free();
        }

        foreach (RdmaHandle? parent in _parents)
        {
            parent?.DangerousRelease();
        }
    }
}
