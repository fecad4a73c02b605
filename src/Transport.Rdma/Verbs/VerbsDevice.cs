using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>A device that librdmacm has opened, with the one protection domain that this process makes on it. Both live as long as the process.</summary>
internal sealed unsafe class VerbsDevice : AdapterDevice
{
    private static readonly ConcurrentDictionary<RdmaSharp.RdmaContext, Lazy<VerbsDevice>> Devices = new();

    private readonly RdmaSharp.RdmaContext _context;
    private readonly RdmaSharp.CompletionQueue? _placeHolder;

    private VerbsDevice(RdmaSharp.RdmaContext context)
    {
        _context = context;
        RdmaSharp.DeviceAttributes device = context.QueryDevice();
        _placeHolder = SoftIwarp.OccupyUnusablePage(context, device);
        Domain = new RdmaSharp.ProtectionDomain(context);
        AsyncDescriptor = new SafeFileHandle(context.AsyncEventDescriptor, ownsHandle: false);
        bool iwarp = context.TransportType == RdmaSharp.RdmaTransportType.Iwarp;
        Limits = new AdapterLimits(
            device.MaxWorkRequests,
            device.MaxCompletionQueueEntries,
            device.MaxSharedReceiveQueues == 0 ? 0 : device.MaxSharedReceiveQueueWorkRequests,
            device.MaxReadAtomicAsInitiator,
            device.MaxReadAtomicAsResponder,
            iwarp,
            SendWithInvalidate: (device.Capabilities & RdmaSharp.DeviceCapabilities.MemoryManagementExtensions) != 0);
    }

    public RdmaSharp.ProtectionDomain Domain { get; }

    public override string Name => _context.Name;

    public override AdapterLimits Limits { get; }

    public override SafeHandle AsyncDescriptor { get; }

    /// <exception cref="RdmaSharp.RdmaException">The device does not answer.</exception>
    public static VerbsDevice Of(RdmaSharp.RdmaContext context) =>
        Devices.GetOrAdd(context, static context => new Lazy<VerbsDevice>(() => new VerbsDevice(context))).Value;

    /// <summary>Null when the device does not answer; asked again the next time.</summary>
    public static VerbsDevice? TryOf(RdmaSharp.RdmaContext context)
    {
        try
        {
            return Of(context);
        }
        catch (RdmaSharp.RdmaException)
        {
            // The Lazy would keep the exception for ever.
            Devices.TryRemove(context, out _);
            return null;
        }
    }

    public override int TryGetAsyncEvent(out AdapterEvent adapterEvent)
    {
        adapterEvent = default;
        try
        {
            if (!_context.TryGetAsyncEvent(out RdmaSharp.RdmaAsyncEvent? fetched))
            {
                return -RdmaSharp.Errno.EAGAIN;
            }

            adapterEvent.Type = fetched.Type;
            adapterEvent.QueuePair = fetched.QueuePair?.UserState as VerbsQueuePair;
            adapterEvent.Token = VerbsToken.Of(fetched);
            return 0;
        }
        catch (RdmaSharp.RdmaException exception)
        {
            return -exception.ErrorNumber;
        }
    }

    public override void Acknowledge(in AdapterEvent adapterEvent) => VerbsToken.Take<RdmaSharp.RdmaAsyncEvent>(adapterEvent.Token).Acknowledge();

    public override int CreateCompletionQueue(int entries, out AdapterCompletionQueue? completionQueue)
    {
        int result = VerbsResult.Of(() => VerbsCompletionQueue.Create(_context, entries), out VerbsCompletionQueue? made);
        completionQueue = made;
        return result;
    }

    public override int CreateSharedReceiveQueue(int depth, out AdapterReceiveQueue? receiveQueue)
    {
        int result = VerbsResult.Of(() => new VerbsReceiveQueue(new RdmaSharp.SharedReceiveQueue(Domain, depth, entries: 2)), out VerbsReceiveQueue? made);
        receiveQueue = made;
        return result;
    }

    public override int RegisterMemory(nint address, long length, MemoryAccess access, out AdapterMemoryRegion? region)
    {
        int result = VerbsResult.Of(
            () => new VerbsMemoryRegion(Domain.Register((void*)address, (nuint)length, access)), out VerbsMemoryRegion? made);
        region = made;
        return result;
    }
}
