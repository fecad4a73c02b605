using System.Runtime.InteropServices;

namespace RdmaSharp.Native;

/// <summary><c>struct rdma_conn_param</c>.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal unsafe struct ConnectionParameterData
{
    [FieldOffset(0)] public byte* PrivateData;
    [FieldOffset(8)] public byte PrivateDataLength;
    [FieldOffset(9)] public byte ResponderResources;
    [FieldOffset(10)] public byte InitiatorDepth;
    [FieldOffset(11)] public byte FlowControl;
    [FieldOffset(12)] public byte RetryCount;
    [FieldOffset(13)] public byte ReceiverNotReadyRetryCount;
    [FieldOffset(14)] public byte SharedReceiveQueue;
    [FieldOffset(16)] public uint QueuePairNumber;
}
