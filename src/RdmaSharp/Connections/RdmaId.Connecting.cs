using System.Net;
using RdmaSharp.Native;

namespace RdmaSharp;

public sealed unsafe partial class RdmaId
{
    /// <summary>Longest private data of any call, bytes; transports allow less: 56 to connect over InfiniBand and RoCE.</summary>
    public const int MaxPrivateData = 255;

    /// <summary>Takes a local address (rdma_bind_addr(3)). A specific one binds to the device that has it.</summary>
    /// <param name="address">The port 0 is any.</param>
    /// <exception cref="RdmaException">ENODEV or EADDRNOTAVAIL: no RDMA device has the address. EADDRINUSE: somebody listens there.</exception>
    public void Bind(IPEndPoint address)
    {
        byte* native = stackalloc byte[InternetAddress.MaximumLength];
        InternetAddress.Write(address, new Span<byte>(native, InternetAddress.MaximumLength));
        Check("rdma_bind_addr", ConnectionMethods.Bind(this, native));
    }

    /// <summary>Listens (rdma_listen(3)); each request is a <see cref="ConnectionEventType.ConnectRequest"/>.</summary>
    /// <param name="backlog">Requests that may wait.</param>
    /// <exception cref="RdmaException">Not bound, or the port is taken.</exception>
    public void Listen(int backlog) => Check("rdma_listen", ConnectionMethods.Listen(this, backlog));

    /// <summary>Finds the device for a destination (rdma_resolve_addr(3)); <see cref="ConnectionEventType.AddressResolved"/> or an error follows.</summary>
    /// <param name="destination">Address and port of the listener.</param>
    /// <param name="timeout">Rounded to milliseconds.</param>
    /// <param name="source">The local address; null for any that leads there.</param>
    /// <exception cref="RdmaException">Not in this state.</exception>
    public void ResolveAddress(IPEndPoint destination, TimeSpan timeout, IPEndPoint? source = null)
    {
        byte* to = stackalloc byte[InternetAddress.MaximumLength];
        byte* from = stackalloc byte[InternetAddress.MaximumLength];
        InternetAddress.Write(destination, new Span<byte>(to, InternetAddress.MaximumLength));
        if (source is not null)
        {
            InternetAddress.Write(source, new Span<byte>(from, InternetAddress.MaximumLength));
        }

        Check("rdma_resolve_addr", ConnectionMethods.ResolveAddress(this, source is null ? null : from, to, Milliseconds(timeout)));
    }

    /// <summary>Finds the route (rdma_resolve_route(3)); <see cref="ConnectionEventType.RouteResolved"/> or an error follows.</summary>
    /// <param name="timeout">Rounded to milliseconds.</param>
    /// <exception cref="RdmaException">Not in this state.</exception>
    public void ResolveRoute(TimeSpan timeout) => Check("rdma_resolve_route", ConnectionMethods.ResolveRoute(this, Milliseconds(timeout)));

    /// <summary>
    /// Asks the listener for a connection (rdma_connect(3)); <see cref="ConnectionEventType.Established"/>, <see cref="ConnectionEventType.Rejected"/> or an
    /// error follows. Over iWARP the call itself may block, and say that nobody listens (ECONNREFUSED).
    /// </summary>
    /// <param name="parameters">What is offered.</param>
    /// <param name="privateData">Bytes for the listener.</param>
    /// <exception cref="RdmaException">Not in this state, too much private data, or refused.</exception>
    public void Connect(in ConnectionParameters parameters, ReadOnlySpan<byte> privateData = default)
    {
        fixed (byte* bytes = privateData)
        {
            ConnectionParameterData data = Data(parameters, bytes, privateData.Length);
            Check("rdma_connect", ConnectionMethods.Connect(this, &data));
        }
    }

    /// <summary>Accepts a request (rdma_accept(3)); <see cref="ConnectionEventType.Established"/> or an error follows.</summary>
    /// <param name="parameters">What is offered.</param>
    /// <param name="privateData">Bytes for the peer.</param>
    /// <exception cref="RdmaException">The peer is gone, or not in this state.</exception>
    public void Accept(in ConnectionParameters parameters, ReadOnlySpan<byte> privateData = default)
    {
        fixed (byte* bytes = privateData)
        {
            ConnectionParameterData data = Data(parameters, bytes, privateData.Length);
            Check("rdma_accept", ConnectionMethods.Accept(this, &data));
        }
    }

    /// <summary>Rejects a request (rdma_reject(3)).</summary>
    /// <param name="privateData">Bytes for the peer.</param>
    /// <exception cref="RdmaException">The peer is gone, or not in this state.</exception>
    public void Reject(ReadOnlySpan<byte> privateData = default)
    {
        fixed (byte* bytes = privateData)
        {
            Check("rdma_reject", ConnectionMethods.Reject(this, bytes, PrivateLength(privateData.Length)));
        }
    }

    /// <summary>
    /// Ends the connection (rdma_disconnect(3)): moves the queue pair to the error state and tells the peer; both get <see cref="ConnectionEventType.Disconnected"/>.
    /// </summary>
    /// <exception cref="RdmaException">Not connected (any more).</exception>
    public void Disconnect() => Check("rdma_disconnect", ConnectionMethods.Disconnect(this));

    /// <summary>Tells the library that a message came before the connection was established (rdma_notify(3)).</summary>
    /// <exception cref="RdmaException">Not in this state.</exception>
    public void Notify(AsyncEventType type) => Check("rdma_notify", ConnectionMethods.Notify(this, (int)type));

    private static ConnectionParameterData Data(in ConnectionParameters parameters, byte* privateData, int length) => new()
    {
        PrivateData = length == 0 ? null : privateData,
        PrivateDataLength = PrivateLength(length),
        ResponderResources = parameters.ResponderResources,
        InitiatorDepth = parameters.InitiatorDepth,
        FlowControl = parameters.FlowControl ? (byte)1 : (byte)0,
        RetryCount = parameters.RetryCount,
        ReceiverNotReadyRetryCount = parameters.ReceiverNotReadyRetryCount,
        SharedReceiveQueue = parameters.SharedReceiveQueue ? (byte)1 : (byte)0,
        QueuePairNumber = parameters.QueuePairNumber,
    };

    private static byte PrivateLength(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, MaxPrivateData);
        return (byte)length;
    }

    private static int Milliseconds(TimeSpan timeout) => (int)Math.Clamp(timeout.TotalMilliseconds, 1, int.MaxValue);

    private static void Check(string call, int result)
    {
        if (result != 0)
        {
            throw Failure(call, result);
        }
    }
}
