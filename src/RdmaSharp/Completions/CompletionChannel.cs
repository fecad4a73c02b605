using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>A descriptor that tells of completions: readable when a completion queue that asked for it has some (<c>struct ibv_comp_channel</c>).</summary>
public sealed unsafe class CompletionChannel : RdmaHandle
{
    /// <summary>Makes a channel, non-blocking (ibv_create_comp_channel(3)).</summary>
    /// <exception cref="RdmaException">The process has no more descriptors.</exception>
    public CompletionChannel(RdmaContext context) : base(owned: true, context)
    {
        Adopt(VerbsMethods.CreateCompletionChannel(context), "ibv_create_comp_channel");
        Descriptor = *(int*)(handle + ObjectOffsets.CompletionChannel.Descriptor);
        int error = LibcMethods.SetNonBlocking(Descriptor);
        if (error == 0)
        {
            return;
        }

        Dispose();
        throw new RdmaException("fcntl", error);
    }

    /// <summary>Readable while a completion event waits. Belongs to the channel.</summary>
    public int Descriptor { get; }

    /// <summary>Fetches the next completion event (ibv_get_cq_event(3)).</summary>
    /// <param name="queue">
    /// The completion queue, which now has an event to acknowledge (<see cref="CompletionQueue.AcknowledgeEvents"/>) and has to be asked again for a
    /// notification (<see cref="CompletionQueue.RequestNotification"/>) before it is polled empty. Null when no event waits.
    /// </param>
    /// <returns>False when none waits.</returns>
    /// <exception cref="RdmaException">The device is gone.</exception>
    public bool TryGetEvent([NotNullWhen(true)] out CompletionQueue? queue)
    {
        while (true)
        {
            queue = null;
            nint native, cookie;
            if (VerbsMethods.GetCompletionEvent(this, &native, &cookie) != 0)
            {
                int error = Marshal.GetLastPInvokeError();
                return error is Errno.EAGAIN or Errno.EINTR ? false : throw new RdmaException("ibv_get_cq_event", error);
            }

            queue = TryReference<CompletionQueue>(cookie);
            if (queue is not null)
            {
                queue.CountEvent();
                queue.DangerousRelease();
                return true;
            }

            // Its destruction is under way and waits for this.
            VerbsMethods.AcknowledgeCompletionEvents(native, 1);
        }
    }

    private protected override int DestroyNative(nint native) => VerbsMethods.DestroyCompletionChannel(native);
}
