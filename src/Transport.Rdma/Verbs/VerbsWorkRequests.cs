using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>From the seam's work requests to the library's chains. The elements have the same layout and are used where they lie.</summary>
internal static unsafe class VerbsWorkRequests
{
    public static void Describe(SendWorkRequest* requests, RdmaSharp.SendWorkRequest* natives, int count)
    {
        for (int i = 0; i < count; i++)
        {
            SendWorkRequest* request = requests + i;
            RdmaSharp.SendWorkRequest* native = natives + i;
            native->Id = request->Id;
            native->Next = i == count - 1 ? null : native + 1;
            native->Entries = (RdmaSharp.ScatterGatherEntry*)&request->First;
            native->EntryCount = Count(request->First, request->Second);
            native->Opcode = request->Opcode;
            native->Flags = request->Signaled ? RdmaSharp.SendFlags.Signaled : RdmaSharp.SendFlags.None;
            native->InvalidateRemoteKey = request->Opcode == SendOpcode.SendWithInvalidate ? request->RemoteKey : 0;
            native->RemoteAddress = request->RemoteAddress;
            native->RemoteKey = request->RemoteKey;
        }
    }

    public static void Describe(ReceiveWorkRequest* requests, RdmaSharp.ReceiveWorkRequest* natives, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ReceiveWorkRequest* request = requests + i;
            natives[i] = new RdmaSharp.ReceiveWorkRequest
            {
                Id = request->Id,
                Next = i == count - 1 ? null : natives + i + 1,
                Entries = (RdmaSharp.ScatterGatherEntry*)&request->First,
                EntryCount = Count(request->First, request->Second),
            };
        }
    }

    /// <summary>How many were posted before the one that was not.</summary>
    public static int Posted(RdmaSharp.SendWorkRequest* natives, RdmaSharp.SendWorkRequest* bad) => bad is null ? 0 : (int)(bad - natives);

    /// <inheritdoc cref="Posted(RdmaSharp.SendWorkRequest*, RdmaSharp.SendWorkRequest*)"/>
    public static int Posted(RdmaSharp.ReceiveWorkRequest* natives, RdmaSharp.ReceiveWorkRequest* bad) => bad is null ? 0 : (int)(bad - natives);

    // Providers take an empty element for 2 GiB.
    private static int Count(in WorkRequestElement first, in WorkRequestElement second) => second.Length > 0 ? 2 : first.Length > 0 ? 1 : 0;
}
