using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>Where events of connection identifiers come (<c>struct rdma_event_channel</c>).</summary>
public sealed unsafe class RdmaEventChannel : RdmaHandle
{
    /// <summary>Opens a channel, non-blocking (rdma_create_event_channel(3)).</summary>
    /// <exception cref="RdmaException">The kernel's rdma_ucm module is not there, or no permission.</exception>
    public RdmaEventChannel() : base(owned: true)
    {
        Adopt(ConnectionMethods.CreateEventChannel(), "rdma_create_event_channel", Rdma.ChannelAdvice);
        Descriptor = *(int*)(handle + ObjectOffsets.EventChannel.Descriptor);
        int error = LibcMethods.SetNonBlocking(Descriptor);
        if (error == 0)
        {
            return;
        }

        Dispose();
        throw new RdmaException("fcntl", error);
    }

    /// <summary>Readable while an event waits. Belongs to the channel.</summary>
    public int Descriptor { get; }

    /// <summary>Fetches the next event (rdma_get_cm_event(3)). It must be acknowledged.</summary>
    /// <param name="connectionEvent">The event; null when none waits. It keeps its identifier from being destroyed.</param>
    /// <returns>False when none waits.</returns>
    /// <exception cref="RdmaException">The kernel cannot be asked.</exception>
    public bool TryGetEvent([NotNullWhen(true)] out RdmaConnectionEvent? connectionEvent)
    {
        while (true)
        {
            connectionEvent = null;
            ConnectionEventData* data;
            if (ConnectionMethods.GetEvent(this, &data) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                return error is Errno.EAGAIN or Errno.EINTR ? false : throw new RdmaException("rdma_get_cm_event", error);
            }

            connectionEvent = RdmaConnectionEvent.TryTake(this, data);
            if (connectionEvent is not null)
            {
                return true;
            }

            // Its identifier is being destroyed, which waits for this.
            ConnectionMethods.AcknowledgeEvent(data);
        }
    }

    private protected override int DestroyNative(nint native)
    {
        ConnectionMethods.DestroyEventChannel(native);
        return 0;
    }
}
