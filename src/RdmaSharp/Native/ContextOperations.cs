namespace RdmaSharp.Native;

/// <summary>
/// The functions of <c>struct ibv_context_ops</c> that libibverbs does not export because its header has them inline. Each object's first field
/// is its context, and the context has the operations at offset 8; the same on x64 and arm64.
/// </summary>
internal static unsafe class ContextOperations
{
    public const int PollCompletionQueueOffset = 96;
    public const int RequestNotificationOffset = 104;
    public const int PostSharedReceiveOffset = 168;
    public const int PostSendOffset = 208;
    public const int PostReceiveOffset = 216;

    public static delegate* unmanaged[Cdecl]<nint, int, WorkCompletion*, int> PollCompletionQueue(nint queue) =>
        (delegate* unmanaged[Cdecl]<nint, int, WorkCompletion*, int>)Operation(queue, PollCompletionQueueOffset);

    public static delegate* unmanaged[Cdecl]<nint, int, int> RequestNotification(nint queue) =>
        (delegate* unmanaged[Cdecl]<nint, int, int>)Operation(queue, RequestNotificationOffset);

    public static delegate* unmanaged[Cdecl]<nint, ReceiveWorkRequest*, ReceiveWorkRequest**, int> PostSharedReceive(nint queue) =>
        (delegate* unmanaged[Cdecl]<nint, ReceiveWorkRequest*, ReceiveWorkRequest**, int>)Operation(queue, PostSharedReceiveOffset);

    public static delegate* unmanaged[Cdecl]<nint, SendWorkRequest*, SendWorkRequest**, int> PostSend(nint queuePair) =>
        (delegate* unmanaged[Cdecl]<nint, SendWorkRequest*, SendWorkRequest**, int>)Operation(queuePair, PostSendOffset);

    public static delegate* unmanaged[Cdecl]<nint, ReceiveWorkRequest*, ReceiveWorkRequest**, int> PostReceive(nint queuePair) =>
        (delegate* unmanaged[Cdecl]<nint, ReceiveWorkRequest*, ReceiveWorkRequest**, int>)Operation(queuePair, PostReceiveOffset);

    private static nint Operation(nint item, int offset) => *(nint*)(*(nint*)item + offset);
}
