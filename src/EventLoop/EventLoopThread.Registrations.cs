using System.Runtime.InteropServices;
using Nvmf.EventLoop.Internal;
using Nvmf.EventLoop.Native;

namespace Nvmf.EventLoop;

public sealed partial class EventLoopThread
{
    private const ulong WakeUpData = ulong.MaxValue;
    private readonly RegistrationTable _registrations = new();

    /// <summary>
    /// Calls <paramref name="handler"/> when <paramref name="descriptor"/> is ready for <paramref name="events"/>. Level-triggered unless
    /// <see cref="ReadyEvents.EdgeTriggered"/> is given. The descriptor stays open at least until <see cref="EventLoopRegistration.Unregister"/>.
    /// </summary>
    /// <exception cref="IOException">epoll refused the descriptor.</exception>
    /// <exception cref="ObjectDisposedException">The loop has ended.</exception>
    public EventLoopRegistration Register(SafeHandle descriptor, ReadyEvents events, IEventLoopHandler handler)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        ArgumentNullException.ThrowIfNull(handler);
        ThrowIfEnded();
        bool added = false;
        descriptor.DangerousAddRef(ref added);
        int slot = _registrations.Add(handler, descriptor, out uint generation);
        int result = Control(NativeMethods.EpollAdd, descriptor, events, slot, generation);
        if (result >= 0)
        {
            return new EventLoopRegistration(this, slot, generation);
        }

        _registrations.Remove(slot);
        descriptor.DangerousRelease();
        throw new IOException($"epoll_ctl failed: {Marshal.GetPInvokeErrorMessage(-result)}.");
    }

    internal void SetEvents(int slot, uint generation, ReadyEvents events)
    {
        if (_registrations.FindHandle(slot, generation) is not { } descriptor)
        {
            return;
        }

        int result = Control(NativeMethods.EpollModify, descriptor, events, slot, generation);
        if (result < 0)
        {
            throw new IOException($"epoll_ctl failed: {Marshal.GetPInvokeErrorMessage(-result)}.");
        }
    }

    internal void Unregister(int slot, uint generation)
    {
        if (_registrations.FindHandle(slot, generation) is not { } descriptor)
        {
            return;
        }

        _ = Control(NativeMethods.EpollDelete, descriptor, ReadyEvents.None, slot, generation);
        _registrations.Remove(slot);
        descriptor.DangerousRelease();
    }

    private unsafe int Control(int operation, SafeHandle descriptor, ReadyEvents events, int slot, uint generation)
    {
        if (_ended)
        {
            // Nobody asks epoll any more, and its descriptor's number may be another's.
            return 0;
        }

        byte* item = stackalloc byte[EpollItem.Size];
        EpollItem.Set(item, events, (uint)slot | ((ulong)generation << 32));
        return NativeMethods.ControlEpoll(_epoll.Descriptor, operation, (int)descriptor.DangerousGetHandle(), item);
    }

    private unsafe void WatchWakeUps()
    {
        // Edge-triggered: every write is a new edge, so the counter never has to be read.
        byte* item = stackalloc byte[EpollItem.Size];
        EpollItem.Set(item, ReadyEvents.Readable | ReadyEvents.EdgeTriggered, WakeUpData);
        int result = NativeMethods.ControlEpoll(_epoll.Descriptor, NativeMethods.EpollAdd, _wakeUp.Descriptor, item);
        if (result < 0)
        {
            throw new IOException($"epoll_ctl failed: {Marshal.GetPInvokeErrorMessage(-result)}.");
        }
    }
}
