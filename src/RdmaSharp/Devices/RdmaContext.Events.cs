using System.Runtime.InteropServices;
using RdmaSharp.Native;

namespace RdmaSharp;

public sealed unsafe partial class RdmaContext
{
    /// <summary>Readable while an asynchronous event waits; non-blocking. Belongs to the context.</summary>
    public int AsyncEventDescriptor => *(int*)(Live + ObjectOffsets.Context.AsyncDescriptor);

    /// <summary>Fetches the next asynchronous event (ibv_get_async_event(3)). It must be acknowledged.</summary>
    /// <param name="asyncEvent">The event; null when none waits. It keeps the object that it is about from being destroyed.</param>
    /// <returns>False when none waits.</returns>
    /// <exception cref="RdmaException">The device is gone.</exception>
    /// <remarks>One reader at a time; a context of librdmacm is shared by all its users, so one of them reads its events for all.</remarks>
    public bool TryGetAsyncEvent([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RdmaAsyncEvent? asyncEvent)
    {
        asyncEvent = null;
        AsyncEventData data = default;
        if (VerbsMethods.GetAsyncEvent(this, &data) == 0)
        {
            asyncEvent = new RdmaAsyncEvent(data);
            return true;
        }

        int error = Marshal.GetLastPInvokeError();
        return error is Errno.EAGAIN or Errno.EINTR ? false : throw new RdmaException("ibv_get_async_event", error);
    }

    private void SetNonBlocking()
    {
        int error = LibcMethods.SetNonBlocking(AsyncEventDescriptor);
        if (error == 0)
        {
            return;
        }

        Dispose();
        throw new RdmaException("fcntl", error);
    }
}
