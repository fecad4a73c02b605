namespace RdmaSharp.Native;

/// <summary>
/// Offsets in the public structures of libibverbs and librdmacm, the same on x64 and arm64: they come before the first mutex, whose size differs.
/// </summary>
internal static class ObjectOffsets
{
    /// <summary><c>struct ibv_device</c>.</summary>
    public static class Device
    {
        public const int NodeType = 16;
        public const int TransportType = 20;
    }

    /// <summary><c>struct ibv_context</c>.</summary>
    public static class Context
    {
        public const int Device = 0;
        public const int AsyncDescriptor = 268;
        public const int CompletionVectors = 272;
    }

    /// <summary><c>struct ibv_mr</c>.</summary>
    public static class MemoryRegion
    {
        public const int LocalKey = 36;
        public const int RemoteKey = 40;
    }

    /// <summary><c>struct ibv_comp_channel</c>.</summary>
    public static class CompletionChannel
    {
        public const int Descriptor = 8;
    }

    /// <summary><c>struct ibv_cq</c>.</summary>
    public static class CompletionQueue
    {
        public const int Cookie = 16;
        public const int Capacity = 28;
    }

    /// <summary><c>struct ibv_srq</c>.</summary>
    public static class SharedReceiveQueue
    {
        public const int Cookie = 8;
    }

    /// <summary><c>struct ibv_qp</c>.</summary>
    public static class QueuePair
    {
        public const int Cookie = 8;
        public const int Number = 52;
        public const int State = 56;
    }

    /// <summary><c>struct rdma_event_channel</c>.</summary>
    public static class EventChannel
    {
        public const int Descriptor = 0;
    }

    /// <summary><c>struct rdma_cm_id</c>.</summary>
    public static class Id
    {
        public const int Context = 0;
        public const int Cookie = 16;
        public const int QueuePair = 24;
        public const int Source = 32;
        public const int Destination = 160;
        public const int PortNumber = 348;
    }
}
