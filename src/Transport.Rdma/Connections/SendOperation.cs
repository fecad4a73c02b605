using Nvmf.Abstractions.Buffers;

namespace Nvmf.Transport.Rdma.Connections;

/// <summary>
/// A chain of work requests in a send queue whose last one is signalled: RDMA writes and the response, a read, a capsule. Holds what the adapter reads or
/// writes until its completions, or the destroyed queue pair, prove that it is done. On the loop only.
/// </summary>
internal sealed class SendOperation(int slot)
{
    public int Slot => slot;

    /// <summary>Moves on with every use of the slot.</summary>
    public byte Generation { get; private set; }

    /// <summary>Work requests posted; 0 when the operation is free.</summary>
    public int Posted { get; private set; }

    /// <summary>Work requests that the adapter is done with.</summary>
    public int Retired { get; private set; }

    public bool IsRead { get; private set; }

    public bool Failed { get; set; }

    /// <summary>Whose it is: a command, a submission.</summary>
    public object? Context { get; private set; }

    /// <summary>The owner's generation: a command's slot may have been reused meanwhile.</summary>
    public int ContextGeneration { get; private set; }

    /// <summary>A reference of its own.</summary>
    public BufferLease Data { get; private set; }

    /// <summary>Links free operations.</summary>
    public SendOperation? NextFree { get; set; }

    public int Outstanding => Posted - Retired;

    /// <summary>Takes over the caller's reference to <paramref name="data"/>.</summary>
    public void Begin(int workRequests, bool isRead, BufferLease data, object? context, int contextGeneration)
    {
        Generation++;
        Posted = workRequests;
        Retired = 0;
        IsRead = isRead;
        Failed = false;
        Data = data;
        Context = context;
        ContextGeneration = contextGeneration;
    }

    /// <summary>The adapter refused the end of the chain.</summary>
    public void Truncate(int posted)
    {
        Posted = posted;
        Failed = true;
    }

    /// <summary>
    /// A completion of the request at <paramref name="place"/>: it and all before it in the chain are done, because a send queue completes in order and an
    /// unsignalled request that succeeded is not reported.
    /// </summary>
    /// <returns>Requests retired by it.</returns>
    public int Retire(int place)
    {
        int retired = Math.Max(0, place + 1 - Retired);
        Retired += retired;
        return retired;
    }

    public void End()
    {
        Data.Release();
        Clear();
    }

    /// <returns>Bytes put into quarantine.</returns>
    public long Quarantine()
    {
        long bytes = Data.Length;
        Data.Quarantine();
        Clear();
        return bytes;
    }

    private void Clear()
    {
        Data = default;
        Context = null;
        Posted = 0;
        Retired = 0;
    }
}
