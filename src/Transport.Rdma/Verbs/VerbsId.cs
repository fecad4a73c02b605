using System.Net;
using System.Net.Sockets;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>An identifier of librdmacm.</summary>
internal sealed class VerbsId : CmId
{
    // One element for a capsule, one for its data.
    private const int Elements = 2;

    private readonly RdmaSharp.RdmaId _id;

    public VerbsId(RdmaSharp.RdmaId id)
    {
        _id = id;
        id.UserState = this;
    }

    public override AdapterDevice? Device => _id.Context is { } context ? VerbsDevice.TryOf(context) : null;

    public override IPEndPoint? LocalEndPoint => _id.LocalEndPoint;

    public override IPEndPoint? RemoteEndPoint => _id.RemoteEndPoint;

    /// <summary>The object of an identifier; that of a new connection request is made here.</summary>
    public static VerbsId Of(RdmaSharp.RdmaId id) => id.UserState as VerbsId ?? new VerbsId(id);

    public override int Bind(IPEndPoint address) => VerbsResult.Of(() =>
    {
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            _id.SetOnlyOneFamily(!address.Address.Equals(IPAddress.IPv6Any));
        }

        _id.Bind(address);
    });

    public override int Listen(int backlog) => VerbsResult.Of(() => _id.Listen(backlog));

    public override int ResolveAddress(IPEndPoint destination, int timeoutMilliseconds) =>
        VerbsResult.Of(() => _id.ResolveAddress(destination, TimeSpan.FromMilliseconds(timeoutMilliseconds)));

    public override int ResolveRoute(int timeoutMilliseconds) => VerbsResult.Of(() => _id.ResolveRoute(TimeSpan.FromMilliseconds(timeoutMilliseconds)));

    public override int CreateQueuePair(in QueuePairAttributes attributes, out AdapterQueuePair? queuePair)
    {
        queuePair = null;
        if (_id.Context is not { } context)
        {
            return -RdmaSharp.Errno.EINVAL;
        }

        RdmaSharp.CompletionQueue completions = ((VerbsCompletionQueue)attributes.CompletionQueue).Native;
        var made = new VerbsQueuePair(attributes.Owner);
        var options = new RdmaSharp.QueuePairOptions
        {
            SendQueue = completions,
            ReceiveQueue = completions,
            SharedReceiveQueue = ((VerbsReceiveQueue?)attributes.SharedReceiveQueue)?.Native,
            Capacity = new RdmaSharp.QueuePairCapacity
            {
                SendRequests = (uint)attributes.SendDepth,
                ReceiveRequests = (uint)attributes.ReceiveDepth,
                SendEntries = Elements,
                ReceiveEntries = Elements,
            },
            UserState = made,
        };
        int result = VerbsResult.Of(() => _id.CreateQueuePair(VerbsDevice.Of(context).Domain, options), out RdmaSharp.RdmaQueuePair? native);
        if (native is not null)
        {
            made.Native = native;
            queuePair = made;
        }

        return result;
    }

    public override int Connect(in ConnectionParameters parameters, ReadOnlySpan<byte> privateData)
    {
        try
        {
            _id.Connect(Convert(parameters), privateData);
            return 0;
        }
        catch (RdmaSharp.RdmaException exception)
        {
            return -exception.ErrorNumber;
        }
    }

    public override int Accept(in ConnectionParameters parameters, ReadOnlySpan<byte> privateData)
    {
        try
        {
            _id.Accept(Convert(parameters), privateData);
            return 0;
        }
        catch (RdmaSharp.RdmaException exception)
        {
            return -exception.ErrorNumber;
        }
    }

    public override int Reject(ReadOnlySpan<byte> privateData)
    {
        try
        {
            _id.Reject(privateData);
            return 0;
        }
        catch (RdmaSharp.RdmaException exception)
        {
            return -exception.ErrorNumber;
        }
    }

    public override int Disconnect() => VerbsResult.Of(_id.Disconnect);

    public override int Migrate(CmEventChannel channel) => VerbsResult.Of(() => _id.MigrateTo(((VerbsEventChannel)channel).Native));

    public override int Destroy() => VerbsResult.Destroy(_id);

    private static RdmaSharp.ConnectionParameters Convert(in ConnectionParameters parameters) => new()
    {
        ResponderResources = parameters.ResponderResources,
        InitiatorDepth = parameters.InitiatorDepth,
        RetryCount = parameters.RetryCount,
        ReceiverNotReadyRetryCount = parameters.RnrRetryCount,
    };
}
