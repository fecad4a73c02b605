using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Abstractions.Authentication;

/// <summary>AUTH_Negotiate: what the host offers, and what the controller takes of it.</summary>
internal static class DhChapNegotiation
{
    /// <summary>Bytes of a message with one descriptor.</summary>
    public const int Length = DhChapMessage.ShortSize + DhChapMessage.DescriptorSize;

    /// <param name="message">At least <see cref="Length"/> bytes.</param>
    /// <param name="transactionId">T_ID.</param>
    /// <param name="hashes">At most 30.</param>
    /// <param name="groups">At most 30.</param>
    public static void Write(Span<byte> message, ushort transactionId, IReadOnlyList<DhChapHash> hashes, IReadOnlyList<DhChapGroup> groups)
    {
        message[..Length].Clear();
        ref DhChapMessage header = ref WireStructure.View<DhChapMessage>(message);
        header.Kind = DhChapMessageKind.Negotiate;
        header.TransactionId = transactionId;
        header.DescriptorCount = 1;
        Span<byte> descriptor = message[DhChapMessage.ShortSize..];
        descriptor[0] = DhChapMessage.ProtocolIdentifier;
        descriptor[2] = (byte)hashes.Count;
        descriptor[3] = (byte)groups.Count;
        for (int i = 0; i < hashes.Count; i++)
        {
            descriptor[DhChapMessage.HashListOffset + i] = (byte)hashes[i];
        }

        for (int i = 0; i < groups.Count; i++)
        {
            descriptor[DhChapMessage.GroupListOffset + i] = (byte)groups[i];
        }
    }

    /// <summary>Chooses: the first of ours that the host offers, too.</summary>
    /// <param name="message">The message, whatever follows it included.</param>
    /// <param name="hashes">Accepted, the best first.</param>
    /// <param name="groups">Accepted, the best first.</param>
    /// <param name="hash">The choice.</param>
    /// <param name="group">The choice.</param>
    public static DhChapFailureReason Choose(
        ReadOnlySpan<byte> message, IReadOnlyList<DhChapHash> hashes, IReadOnlyList<DhChapGroup> groups, out DhChapHash hash, out DhChapGroup group)
    {
        hash = default;
        group = default;
        byte secureChannel = message[6];
        int descriptors = message[7];
        message = message[DhChapMessage.ShortSize..];
        if (descriptors == 0 || message.Length < descriptors * DhChapMessage.DescriptorSize)
        {
            return DhChapFailureReason.IncorrectPayload;
        }

        if (secureChannel != 0)
        {
            return DhChapFailureReason.SecureChannelMismatch;
        }

        for (int i = 0; i < descriptors; i++)
        {
            ReadOnlySpan<byte> descriptor = message.Slice(i * DhChapMessage.DescriptorSize, DhChapMessage.DescriptorSize);
            if (descriptor[0] == DhChapMessage.ProtocolIdentifier)
            {
                return ChooseFrom(descriptor, hashes, groups, out hash, out group);
            }
        }

        return DhChapFailureReason.ProtocolNotUsable;
    }

    private static DhChapFailureReason ChooseFrom(
        ReadOnlySpan<byte> descriptor, IReadOnlyList<DhChapHash> hashes, IReadOnlyList<DhChapGroup> groups, out DhChapHash hash, out DhChapGroup group)
    {
        hash = default;
        group = default;
        int hashCount = descriptor[2];
        int groupCount = descriptor[3];
        if (hashCount is 0 or > DhChapMessage.MaxListLength || groupCount is 0 or > DhChapMessage.MaxListLength)
        {
            return DhChapFailureReason.IncorrectPayload;
        }

        if (!TryChoose(descriptor.Slice(DhChapMessage.HashListOffset, hashCount), hashes, static value => (byte)value, out hash))
        {
            return DhChapFailureReason.HashNotUsable;
        }

        return TryChoose(descriptor.Slice(DhChapMessage.GroupListOffset, groupCount), groups, static value => (byte)value, out group)
            ? DhChapFailureReason.None
            : DhChapFailureReason.GroupNotUsable;
    }

    private static bool TryChoose<T>(ReadOnlySpan<byte> offered, IReadOnlyList<T> accepted, Func<T, byte> identifier, out T choice)
        where T : struct
    {
        foreach (T candidate in accepted)
        {
            if (offered.Contains(identifier(candidate)))
            {
                choice = candidate;
                return true;
            }
        }

        choice = default;
        return false;
    }
}
