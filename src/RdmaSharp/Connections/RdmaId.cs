using System.Net;
using System.Runtime.InteropServices;
using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>One end of a connection, or a listener (<c>struct rdma_cm_id</c>): what a socket is to TCP.</summary>
/// <remarks>
/// All that takes time ends with an event on the channel. A connecting side: <see cref="ResolveAddress"/>, <see cref="ResolveRoute"/>,
/// <see cref="CreateQueuePair"/>, <see cref="Connect"/>. A listening side: <see cref="Bind"/>, <see cref="Listen"/>; each request brings a new identifier:
/// <see cref="CreateQueuePair"/>, <see cref="Accept"/> or <see cref="Reject"/>.
/// </remarks>
public sealed unsafe partial class RdmaId : RdmaHandle
{
    private RdmaEventChannel _channel;

    /// <summary>Makes an identifier (rdma_create_id(3)).</summary>
    /// <exception cref="RdmaException">No permission, or no memory.</exception>
    public RdmaId(RdmaEventChannel channel, PortSpace portSpace = PortSpace.Tcp) : base(owned: true)
    {
        channel.Reference();
        _channel = channel;
        nint native = 0;
        int result = ConnectionMethods.CreateId(channel, &native, Cookie, (int)portSpace);
        if (result == 0)
        {
            Adopt(native, "rdma_create_id");
            return;
        }

        int error = result > 0 ? result : Marshal.GetLastPInvokeError();
        channel.DangerousRelease();
        throw Abandon("rdma_create_id", error);
    }

    private RdmaId(RdmaEventChannel channel, nint accepted) : base(owned: true)
    {
        channel.Reference();
        _channel = channel;
        Adopt(accepted, "rdma_get_cm_event");
        *(nint*)(accepted + ObjectOffsets.Id.Cookie) = Cookie;
    }

    /// <summary>Where its events come.</summary>
    public RdmaEventChannel Channel => _channel;

    /// <summary>
    /// The device that it is bound to; null before it is. It is the one that librdmacm has opened: all that the queue pair uses must be made from it.
    /// </summary>
    public RdmaContext? Context => *(nint*)(Live + ObjectOffsets.Id.Context) is var context and not 0 ? RdmaContext.Borrow(context) : null;

    /// <summary>The port of the device; 0 before it is bound to one.</summary>
    public byte PortNumber => *(byte*)(Live + ObjectOffsets.Id.PortNumber);

    /// <summary>The local address and port; null before it has one.</summary>
    public IPEndPoint? LocalEndPoint => InternetAddress.Read(new ReadOnlySpan<byte>((void*)(Live + ObjectOffsets.Id.Source), InternetAddress.MaximumLength));

    /// <summary>The peer's address and port; null without one.</summary>
    public IPEndPoint? RemoteEndPoint => InternetAddress.Read(new ReadOnlySpan<byte>((void*)(Live + ObjectOffsets.Id.Destination), InternetAddress.MaximumLength));

    /// <summary>Makes a reliable queue pair, in the state initialized: receives can be posted (rdma_create_qp(3)).</summary>
    /// <param name="domain">A domain of <see cref="Context"/>.</param>
    /// <param name="options">How it is to be.</param>
    /// <returns>The queue pair. It keeps the identifier alive, so dispose of it first.</returns>
    /// <exception cref="RdmaException">Not bound to a device, or more than the device can have.</exception>
    public RdmaQueuePair CreateQueuePair(ProtectionDomain domain, QueuePairOptions options) => RdmaQueuePair.Create(this, domain, options);

    /// <summary>Lets later events come on another channel (rdma_migrate_id(3)). Blocks while an event of this identifier is un-acknowledged.</summary>
    /// <exception cref="RdmaException">The kernel refuses.</exception>
    public void MigrateTo(RdmaEventChannel channel)
    {
        channel.Reference();
        int result = ConnectionMethods.MigrateId(this, channel);
        if (result != 0)
        {
            RdmaException exception = Failure("rdma_migrate_id", result);
            channel.DangerousRelease();
            throw exception;
        }

        Interlocked.Exchange(ref _channel, channel).DangerousRelease();
    }

    internal nint QueuePairPointer => *(nint*)(handle + ObjectOffsets.Id.QueuePair);

    internal void ForgetQueuePair() => *(nint*)(handle + ObjectOffsets.Id.QueuePair) = 0;

    /// <summary>The owner of a native identifier of a fetched event, with a reference taken; null when it is being destroyed.</summary>
    internal static RdmaId? TryReference(nint native) => TryReference<RdmaId>(*(nint*)(native + ObjectOffsets.Id.Cookie));

    /// <summary>A new identifier that came with a connection request, with the event's reference taken.</summary>
    internal static RdmaId Accepted(RdmaEventChannel channel, nint native)
    {
        var id = new RdmaId(channel, native);
        id.Reference();
        return id;
    }

    private protected override int DestroyNative(nint native)
    {
        int result = ConnectionMethods.DestroyId(native);
        if (result != 0)
        {
            return result > 0 ? result : Marshal.GetLastPInvokeError();
        }

        _channel.DangerousRelease();
        return 0;
    }

    private static RdmaException Failure(string call, int result) => new(call, result > 0 ? result : Marshal.GetLastPInvokeError());

    private nint Live
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }
}
