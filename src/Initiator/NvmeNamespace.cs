using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

/// <summary>An active namespace as seen through one controller. Commands go to the I/O queues in turn, and are not retried.</summary>
/// <remarks>Threads, data and errors: see <see cref="NvmeController"/>.</remarks>
public sealed class NvmeNamespace : NvmeBlockDevice
{
    private const long MaxBlocks = 65536;

    private readonly int _blockShift;
    private readonly IdentifyNamespace _identity;

    private NvmeNamespace(NvmeController controller, uint id, in IdentifyNamespace identity, int blockShift)
    {
        Controller = controller;
        Id = id;
        _identity = identity;
        _blockShift = blockShift;
    }

    internal static NvmeNamespace Create(NvmeController controller, uint id, byte[] data)
    {
        var identity = WireStructure.Read<IdentifyNamespace>(data);
        if (identity.NamespaceSize == 0)
        {
            throw new InvalidOperationException($"Namespace {id} is not active.");
        }
        // FLBAS: index bits 3:0 of it are in 3:0, the higher ones in 6:5. Formats from 128 on, 4 bytes each.
        var format = WireStructure.Read<LbaFormat>(data.AsSpan(128 + ((((identity.FormattedLbaSize & 0x60) >> 1) | (identity.FormattedLbaSize & 0xF)) * LbaFormat.Size)));
        if (format.MetadataSize != 0)
        {
            throw new NotSupportedException($"Namespace {id} is formatted with metadata.");
        }

        if (format.DataSize is < 9 or > 16)
        {
            throw new NotSupportedException($"Namespace {id} has blocks of 2^{format.DataSize} bytes.");
        }

        if (1 << format.DataSize > controller.MaxTransferLength)
        {
            throw new NotSupportedException($"Namespace {id} has blocks of {1 << format.DataSize} bytes, and one command moves at most {controller.MaxTransferLength}.");
        }

        return new NvmeNamespace(controller, id, identity, format.DataSize);
    }

    /// <summary>The controller.</summary>
    public NvmeController Controller { get; }

    /// <inheritdoc/>
    public override uint Id { get; }

    /// <inheritdoc/>
    public override int BlockSize => 1 << _blockShift;

    /// <inheritdoc/>
    public override ulong BlockCount => _identity.NamespaceSize;

    /// <summary>Identify Namespace when the namespace was opened.</summary>
    public ref readonly IdentifyNamespace Identity => ref _identity;

    /// <inheritdoc/>
    public override int MaxTransferLength => (int)Math.Min(MaxBlocks << _blockShift, Controller.MaxTransferLength >> _blockShift << _blockShift);

    internal override ValueTask ExecuteAsync(BlockCommand command, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        var queue = Controller.NextIoQueue();
        var request = Controller.NewRequest(queue, command.Entry, command.Name);
        request.EndsOnLoop = Controller.Options.RunContinuationsOnLoop;
        request.Answered = command.Answered;
        request.UseLease(command.Lease, command.Direction);
        request.UseSource(command.Source);
        request.UseDestination(command.Destination);
        return NvmeController.StartWithoutResult(request, queue, cancellationToken);
    }
}
