using System.Diagnostics.CodeAnalysis;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Namespaces;

/// <summary>
/// Where a namespace keeps its blocks. The one interface to implement for a new kind of storage; Compare, Verify and Copy are built
/// by the target from these operations. <c>docs/backends.md</c> is the guide.
/// </summary>
/// <remarks>
/// Requests of one back end may be submitted from several event loops at once. Blocks of concurrent requests may overlap; each logical block
/// then holds the data of one of the writes, and a read gives each logical block from before or after a write, never a mix.
/// </remarks>
public abstract class NamespaceBackend : IAsyncDisposable
{
    /// <summary>Smallest logical block size in bytes.</summary>
    public const int MinBlockSize = 512;

    /// <summary>Largest logical block size in bytes.</summary>
    public const int MaxBlockSize = 4096;

    /// <summary>Logical block size in bytes, a power of two, 512 to 4096. Fixed.</summary>
    public abstract int BlockSize { get; }

    /// <summary>Size in logical blocks at this moment.</summary>
    public abstract ulong BlockCount { get; }

    /// <summary>True when a completed write may be lost with power before a flush (VWC).</summary>
    public abstract bool HasVolatileWriteCache { get; }

    /// <summary>Requests that change data are refused with Namespace is Write Protected.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Deallocated blocks read as zeroes, always (DLFEAT 001b). False: zeroes or what they held.</summary>
    public virtual bool DeallocatedBlocksReadZeroes => false;

    /// <summary>
    /// Reads may come without <see cref="BackendRequest.Data"/> and are then answered with <see cref="BackendRequest.Lend"/>, which saves a copy. Others come
    /// with it as ever: to be compared, copied, or sent by a transport that cannot gather. Fixed.
    /// </summary>
    public virtual bool LendsMemory => false;

    /// <summary>
    /// <see cref="BackendOperation.CompareAndWrite"/> is understood. Without it fused commands are refused; nothing else can make them atomic. Fixed.
    /// </summary>
    public virtual bool SupportsCompareAndWrite => false;

    /// <summary>
    /// Length and alignment in bytes that writes should have to be cheap (NPWG, NPWA, NPDG, NPDA): a multiple of <see cref="BlockSize"/>.
    /// </summary>
    public virtual int PreferredGranularity => BlockSize;

    /// <summary>Raised, on any thread, after <see cref="BlockCount"/> changed: the target sends the namespace attribute AEN.</summary>
    public event Action? Resized;

    /// <summary>
    /// Null while all is well; otherwise one sentence on what a person has to look after, such as written data that could not be made durable. Shown by the health
    /// check. Any thread.
    /// </summary>
    public virtual string? Fault => null;

    /// <summary>Raised, on any thread, after <see cref="Fault"/> changed to a sentence: the target logs it.</summary>
    public event Action? Faulted;

    /// <summary>
    /// Starts a request. Called on an event loop: must never block it, nor throw.
    /// </summary>
    /// <returns>
    /// True: done, with <paramref name="status"/>; <see cref="BackendRequest.Complete"/> will not be called. False: <see cref="BackendRequest.Complete"/> is
    /// called once, later, from any thread, perhaps before this returns; until then the back end may touch the request's data.
    /// </returns>
    public abstract bool Submit(BackendRequest request, out NvmeStatus status);

    /// <summary>
    /// Waits for requests under way and closes what the back end holds. Makes data durable first where it can. Nothing is submitted any more
    /// when this is called.
    /// </summary>
    /// <exception cref="IOException">Data could not be made durable. Everything is closed all the same.</exception>
    public abstract ValueTask DisposeAsync();

    /// <summary>Raises <see cref="Resized"/>.</summary>
    protected void OnResized() => Resized?.Invoke();

    /// <summary>Raises <see cref="Faulted"/>.</summary>
    protected void OnFaulted() => Faulted?.Invoke();

    /// <summary>
    /// Checks a request against size, data length and <see cref="IsReadOnly"/>: the first thing that <see cref="Submit"/> of every back end
    /// does. The target checked the range too, but the size may have shrunk since.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Number of bytes; with <paramref name="offset"/> never beyond the end.</param>
    /// <param name="status">What to answer when this returns false.</param>
    protected bool TryGetRange([NotNull] BackendRequest? request, out long offset, out long length, out NvmeStatus status)
    {
        ArgumentNullException.ThrowIfNull(request);
        (offset, length, status) = (0, 0, NvmeStatus.Success);
        BackendOperation operation = request.Operation;
        if (operation == BackendOperation.Flush)
        {
            return true;
        }

        ulong size = BlockCount;
        if (request.StartBlock > size || request.BlockCount > size - request.StartBlock)
        {
            status = NvmeStatus.LbaOutOfRange.WithDoNotRetry();
            return false;
        }

        offset = (long)request.StartBlock * BlockSize;
        length = (long)request.BlockCount * BlockSize;
        bool asksForLoan = operation == BackendOperation.Read && request.Data.IsEmpty && LendsMemory;
        bool fits = operation switch
        {
            BackendOperation.Read or BackendOperation.Write => length == request.Data.Length || asksForLoan,
            BackendOperation.CompareAndWrite => request.BlockCount == 1 && 2 * length == request.Data.Length && SupportsCompareAndWrite,
            _ => true,
        };
        if (!fits)
        {
            status = NvmeStatus.InternalError.WithDoNotRetry();
            return false;
        }

        if (IsReadOnly && operation != BackendOperation.Read)
        {
            status = NvmeStatus.NamespaceWriteProtected.WithDoNotRetry();
            return false;
        }

        return true;
    }

    /// <summary>Throws when <paramref name="blockSize"/> is not a power of two, 512 to 4096.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One sentence for people.</exception>
    protected static void ThrowIfInvalidBlockSize(int blockSize)
    {
        if (blockSize is < MinBlockSize or > MaxBlockSize || !int.IsPow2(blockSize))
        {
            throw new ArgumentOutOfRangeException(
                nameof(blockSize), blockSize, $"The block size must be 512, 1024, 2048 or 4096 bytes, not {blockSize}.");
        }
    }
}
