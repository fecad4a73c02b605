using System.Buffers.Binary;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace Nvmf.Abstractions.Authentication;

/// <summary>The two responses of DH-HMAC-CHAP (NVMe Base, DH-HMAC-CHAP_Reply and DH-HMAC-CHAP_Success1).</summary>
/// <param name="Hash">Hash function of the exchange.</param>
/// <param name="TransactionId">T_ID.</param>
/// <param name="HostNqn">The host.</param>
/// <param name="SubsystemNqn">The subsystem.</param>
internal readonly record struct DhChapResponse(DhChapHash Hash, ushort TransactionId, string HostNqn, string SubsystemNqn)
{
    // C, S, T_ID, SC_C, the longer of the two labels, and two names that fill their fields.
    private const int MaxInput = DhChapHashes.MaxLength + 4 + 2 + 1 + 10 + 256 + 1 + 256;

    /// <summary>What the host proves with: R1.</summary>
    /// <param name="key">The host's transformed key.</param>
    /// <param name="challenge">C1, augmented where there is a Diffie-Hellman group.</param>
    /// <param name="sequence">S1.</param>
    /// <param name="response">As long as the hash.</param>
    public void OfHost(ReadOnlySpan<byte> key, ReadOnlySpan<byte> challenge, uint sequence, Span<byte> response) =>
        Compute(key, challenge, sequence, "HostHost"u8, HostNqn, SubsystemNqn, response);

    /// <summary>What the controller proves with: R2.</summary>
    /// <inheritdoc cref="OfHost"/>
    public void OfController(ReadOnlySpan<byte> key, ReadOnlySpan<byte> challenge, uint sequence, Span<byte> response) =>
        Compute(key, challenge, sequence, "Controller"u8, SubsystemNqn, HostNqn, response);

    /// <summary>Mixes the session key into a challenge, in place.</summary>
    public void Augment(ReadOnlySpan<byte> sessionKey, Span<byte> challenge)
    {
        Span<byte> digest = stackalloc byte[DhChapHashes.MaxLength];
        digest = digest[..Hash.Length()];
        Hash.Digest(sessionKey, digest);
        Span<byte> augmented = stackalloc byte[digest.Length];
        Hash.Authenticate(digest, challenge, augmented);
        augmented.CopyTo(challenge);
        CryptographicOperations.ZeroMemory(digest);
    }

    private void Compute(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> challenge, uint sequence, ReadOnlySpan<byte> label, string first, string second, Span<byte> response)
    {
        Debug.Assert(challenge.Length == Hash.Length(), "A challenge is as long as the hash.");
        Span<byte> input = stackalloc byte[MaxInput];
        challenge.CopyTo(input);
        int length = challenge.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(input[length..], sequence);
        BinaryPrimitives.WriteUInt16LittleEndian(input[(length + 4)..], TransactionId);
        // SC_C: there is no secure channel.
        input[length + 6] = 0;
        length += 7;
        label.CopyTo(input[length..]);
        length += label.Length;
        length += Encoding.UTF8.GetBytes(first, input[length..]);
        input[length++] = 0;
        length += Encoding.UTF8.GetBytes(second, input[length..]);
        Hash.Authenticate(key, input[..length], response);
        // An augmented challenge is a secret of this exchange.
        CryptographicOperations.ZeroMemory(input);
    }
}
