using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Multipath;

/// <summary>ANA states by group, as one controller reports them. Immutable.</summary>
internal sealed class AnaStates
{
    // A group of a log page that claims more than this is not believed.
    private const int MaxGroups = 4096;

    private readonly Dictionary<uint, AnaState> _states = [];

    private AnaStates()
    {
    }

    /// <summary>Of a controller without ANA reporting: every namespace is reached in the best way.</summary>
    public static AnaStates None { get; } = new();

    /// <summary>Groups the controller does not list are treated as inaccessible; namespaces without a group as optimized.</summary>
    public AnaState Of(uint group) =>
        group == 0 || ReferenceEquals(this, None) ? AnaState.Optimized : _states.GetValueOrDefault(group, AnaState.Inaccessible);

    /// <summary>Reads log page 0Ch, groups only.</summary>
    /// <exception cref="InvalidDataException">The log page makes no sense.</exception>
    public static async Task<AnaStates> ReadAsync(NvmeController controller, CancellationToken cancellationToken)
    {
        if ((controller.Identity.MultipathCapabilities & ControllerMultipathCapabilities.AsymmetricNamespaceAccess) == 0)
        {
            return None;
        }

        var groups = controller.Identity.AnaGroups;
        if (groups is 0 or > MaxGroups)
        {
            throw new InvalidDataException($"The controller claims to have {groups} ANA groups.");
        }

        var page = new byte[AnaLogHeader.Size + ((int)groups * AnaGroupDescriptor.Size)];
        var length = Math.Min(page.Length, controller.MaxTransferLength & ~3);
        // LSP bit 0: return groups only. RAE = 0 re-arms the event.
        for (var offset = 0; offset < page.Length; offset += length)
        {
            var part = page.AsMemory(offset, Math.Min(length, page.Length - offset));
            await controller.GetLogPageAsync(
                LogPageIdentifier.AsymmetricNamespaceAccess, part, (ulong)offset, specific: 1, cancellationToken: cancellationToken).ConfigureAwait(false);
        }

        return Parse(page);
    }

    internal static AnaStates Parse(ReadOnlySpan<byte> page)
    {
        var states = new AnaStates();
        var count = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(page[8..]), (page.Length - AnaLogHeader.Size) / AnaGroupDescriptor.Size);
        for (var i = 0; i < count; i++)
        {
            var group = WireStructure.Read<AnaGroupDescriptor>(page[(AnaLogHeader.Size + (i * AnaGroupDescriptor.Size))..]);
            if (group.NamespaceIds != 0)
            {
                throw new InvalidDataException("The ANA log lists namespaces although only groups were asked for.");
            }

            states._states[group.GroupId] = (AnaState)((byte)group.State & 0xF);
        }

        return states;
    }
}
