using System.Runtime.InteropServices;

namespace RdmaSharp.Native;

/// <summary>librdmacm. Functions that return an int return 0, or -1 and set errno.</summary>
internal static unsafe partial class ConnectionMethods
{
    public const string Library = "librdmacm.so.1";

    [LibraryImport(Library, EntryPoint = "rdma_create_event_channel", SetLastError = true)]
    public static partial nint CreateEventChannel();

    [LibraryImport(Library, EntryPoint = "rdma_destroy_event_channel")]
    public static partial void DestroyEventChannel(nint channel);

    [LibraryImport(Library, EntryPoint = "rdma_get_cm_event", SetLastError = true)]
    public static partial int GetEvent(RdmaEventChannel channel, ConnectionEventData** item);

    [LibraryImport(Library, EntryPoint = "rdma_ack_cm_event", SetLastError = true)]
    public static partial int AcknowledgeEvent(ConnectionEventData* item);

    [LibraryImport(Library, EntryPoint = "rdma_create_id", SetLastError = true)]
    public static partial int CreateId(RdmaEventChannel channel, nint* id, nint cookie, int portSpace);

    [LibraryImport(Library, EntryPoint = "rdma_destroy_id", SetLastError = true)]
    public static partial int DestroyId(nint id);

    [LibraryImport(Library, EntryPoint = "rdma_migrate_id", SetLastError = true)]
    public static partial int MigrateId(RdmaId id, RdmaEventChannel channel);

    [LibraryImport(Library, EntryPoint = "rdma_bind_addr", SetLastError = true)]
    public static partial int Bind(RdmaId id, byte* address);

    [LibraryImport(Library, EntryPoint = "rdma_listen", SetLastError = true)]
    public static partial int Listen(RdmaId id, int backlog);

    [LibraryImport(Library, EntryPoint = "rdma_resolve_addr", SetLastError = true)]
    public static partial int ResolveAddress(RdmaId id, byte* source, byte* destination, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rdma_resolve_route", SetLastError = true)]
    public static partial int ResolveRoute(RdmaId id, int milliseconds);

    [LibraryImport(Library, EntryPoint = "rdma_connect", SetLastError = true)]
    public static partial int Connect(RdmaId id, ConnectionParameterData* parameters);

    [LibraryImport(Library, EntryPoint = "rdma_accept", SetLastError = true)]
    public static partial int Accept(RdmaId id, ConnectionParameterData* parameters);

    [LibraryImport(Library, EntryPoint = "rdma_reject", SetLastError = true)]
    public static partial int Reject(RdmaId id, void* privateData, byte length);

    [LibraryImport(Library, EntryPoint = "rdma_disconnect", SetLastError = true)]
    public static partial int Disconnect(RdmaId id);

    [LibraryImport(Library, EntryPoint = "rdma_notify", SetLastError = true)]
    public static partial int Notify(RdmaId id, int asyncEventType);

    [LibraryImport(Library, EntryPoint = "rdma_set_option", SetLastError = true)]
    public static partial int SetOption(RdmaId id, int level, int option, void* value, nuint length);

    [LibraryImport(Library, EntryPoint = "rdma_create_qp", SetLastError = true)]
    public static partial int CreateQueuePair(RdmaId id, ProtectionDomain domain, QueuePairInitData* attributes);
}
