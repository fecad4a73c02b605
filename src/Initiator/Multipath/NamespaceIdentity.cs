using System.Buffers.Binary;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Multipath;

/// <summary>The globally unique names of a namespace; zero for those it does not have.</summary>
internal readonly record struct NamespaceIdentity(Identifier128 Nguid, Identifier128 Uuid, ulong Eui64)
{
    /// <summary>Reads the descriptors (CNS 03h) where the controller has them; Identify Namespace has two of the names as well.</summary>
    public static async Task<NamespaceIdentity> ReadAsync(NvmeNamespace disk, CancellationToken cancellationToken)
    {
        var identity = new NamespaceIdentity(disk.Identity.Nguid, default, disk.Identity.Eui64);
        try
        {
            return identity.With(await disk.Controller.GetNamespaceDescriptorsAsync(disk.Id, cancellationToken).ConfigureAwait(false));
        }
        catch (NvmeException)
        {
            // Optional before NVMe 1.3.
            return identity;
        }
    }

    /// <summary>No name of the one contradicts a name of the other.</summary>
    public bool IsSameAs(in NamespaceIdentity other) =>
        Agree(Nguid, other.Nguid) && Agree(Uuid, other.Uuid) && (Eui64 == 0 || other.Eui64 == 0 || Eui64 == other.Eui64);

    public override string ToString() =>
        !Uuid.IsZero ? $"UUID {Uuid.ToGuid()}" : !Nguid.IsZero ? $"NGUID {Nguid}" : Eui64 != 0 ? $"EUI64 {Eui64:x16}" : "no identifier";

    private static bool Agree(Identifier128 one, Identifier128 other) => one.IsZero || other.IsZero || one == other;

    internal NamespaceIdentity With(ReadOnlySpan<byte> descriptors)
    {
        var identity = this;
        while (NamespaceIdentificationDescriptor.TryRead(ref descriptors, out var descriptor))
        {
            identity = descriptor.Type switch
            {
                NamespaceIdentifierType.Nguid when descriptor.Identifier.Length == Identifier128.Size => identity with { Nguid = new(descriptor.Identifier) },
                NamespaceIdentifierType.Uuid when descriptor.Identifier.Length == Identifier128.Size => identity with { Uuid = new(descriptor.Identifier) },
                NamespaceIdentifierType.Eui64 when descriptor.Identifier.Length == sizeof(ulong) => identity with { Eui64 = BinaryPrimitives.ReadUInt64BigEndian(descriptor.Identifier) },
                _ => identity,
            };
        }

        return identity;
    }
}
