using System.Runtime.InteropServices;

namespace RdmaSharp.Native;

/// <summary>
/// libibverbs. What is inline in its header (posting, polling, asking for a notification) goes through <see cref="ContextOperations"/>.
/// </summary>
/// <remarks>Functions that return an int return 0 or errno; those that return a pointer return null and set errno.</remarks>
internal static unsafe partial class VerbsMethods
{
    public const string Library = "libibverbs.so.1";

    [LibraryImport(Library, EntryPoint = "ibv_get_device_list", SetLastError = true)]
    public static partial nint* GetDeviceList(out int count);

    [LibraryImport(Library, EntryPoint = "ibv_free_device_list")]
    public static partial void FreeDeviceList(nint* list);

    [LibraryImport(Library, EntryPoint = "ibv_get_device_name")]
    public static partial byte* GetDeviceName(nint device);

    [LibraryImport(Library, EntryPoint = "ibv_get_device_guid")]
    public static partial ulong GetDeviceGuid(nint device);

    [LibraryImport(Library, EntryPoint = "ibv_open_device", SetLastError = true)]
    public static partial nint OpenDevice(nint device);

    [LibraryImport(Library, EntryPoint = "ibv_close_device", SetLastError = true)]
    public static partial int CloseDevice(nint context);

    [LibraryImport(Library, EntryPoint = "ibv_query_device")]
    public static partial int QueryDevice(RdmaContext context, DeviceAttributes* attributes);

    [LibraryImport(Library, EntryPoint = "ibv_query_port")]
    public static partial int QueryPort(RdmaContext context, byte port, PortAttributes* attributes);

    [LibraryImport(Library, EntryPoint = "ibv_query_gid", SetLastError = true)]
    public static partial int QueryGid(RdmaContext context, byte port, int index, byte* gid);

    [LibraryImport(Library, EntryPoint = "ibv_get_async_event", SetLastError = true)]
    public static partial int GetAsyncEvent(RdmaContext context, AsyncEventData* item);

    [LibraryImport(Library, EntryPoint = "ibv_ack_async_event")]
    public static partial void AcknowledgeAsyncEvent(AsyncEventData* item);

    [LibraryImport(Library, EntryPoint = "ibv_alloc_pd", SetLastError = true)]
    public static partial nint AllocateProtectionDomain(RdmaContext context);

    [LibraryImport(Library, EntryPoint = "ibv_dealloc_pd")]
    public static partial int FreeProtectionDomain(nint domain);

    [LibraryImport(Library, EntryPoint = "ibv_reg_mr", SetLastError = true)]
    public static partial nint RegisterMemory(ProtectionDomain domain, void* address, nuint length, int access);

    [LibraryImport(Library, EntryPoint = "ibv_reg_mr_iova2", SetLastError = true)]
    public static partial nint RegisterMemoryAt(ProtectionDomain domain, void* address, nuint length, ulong remoteAddress, uint access);

    [LibraryImport(Library, EntryPoint = "ibv_dereg_mr")]
    public static partial int DeregisterMemory(nint region);

    [LibraryImport(Library, EntryPoint = "ibv_create_comp_channel", SetLastError = true)]
    public static partial nint CreateCompletionChannel(RdmaContext context);

    [LibraryImport(Library, EntryPoint = "ibv_destroy_comp_channel")]
    public static partial int DestroyCompletionChannel(nint channel);

    [LibraryImport(Library, EntryPoint = "ibv_create_cq", SetLastError = true)]
    public static partial nint CreateCompletionQueue(RdmaContext context, int entries, nint cookie, nint channel, int vector);

    [LibraryImport(Library, EntryPoint = "ibv_resize_cq")]
    public static partial int ResizeCompletionQueue(CompletionQueue queue, int entries);

    [LibraryImport(Library, EntryPoint = "ibv_destroy_cq")]
    public static partial int DestroyCompletionQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "ibv_get_cq_event", SetLastError = true)]
    public static partial int GetCompletionEvent(CompletionChannel channel, nint* queue, nint* cookie);

    [LibraryImport(Library, EntryPoint = "ibv_ack_cq_events")]
    public static partial void AcknowledgeCompletionEvents(nint queue, uint count);

    [LibraryImport(Library, EntryPoint = "ibv_create_srq", SetLastError = true)]
    public static partial nint CreateSharedReceiveQueue(ProtectionDomain domain, SharedReceiveQueueInitData* attributes);

    [LibraryImport(Library, EntryPoint = "ibv_modify_srq")]
    public static partial int ModifySharedReceiveQueue(SharedReceiveQueue queue, SharedReceiveQueueAttributes* attributes, int mask);

    [LibraryImport(Library, EntryPoint = "ibv_query_srq")]
    public static partial int QuerySharedReceiveQueue(SharedReceiveQueue queue, SharedReceiveQueueAttributes* attributes);

    [LibraryImport(Library, EntryPoint = "ibv_destroy_srq")]
    public static partial int DestroySharedReceiveQueue(nint queue);

    [LibraryImport(Library, EntryPoint = "ibv_create_qp", SetLastError = true)]
    public static partial nint CreateQueuePair(ProtectionDomain domain, QueuePairInitData* attributes);

    [LibraryImport(Library, EntryPoint = "ibv_modify_qp")]
    public static partial int ModifyQueuePair(RdmaQueuePair queuePair, QueuePairAttributes* attributes, int mask);

    [LibraryImport(Library, EntryPoint = "ibv_query_qp")]
    public static partial int QueryQueuePair(RdmaQueuePair queuePair, QueuePairAttributes* attributes, int mask, QueuePairInitData* initial);

    [LibraryImport(Library, EntryPoint = "ibv_destroy_qp")]
    public static partial int DestroyQueuePair(nint queuePair);

    [LibraryImport(Library, EntryPoint = "ibv_fork_init")]
    public static partial int InitializeFork();
}
