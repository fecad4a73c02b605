using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Nvmf.Abstractions.Authentication;

/// <summary>
/// A secret for DH-HMAC-CHAP, in the form in which <c>nvme gen-dhchap-key</c> prints one: <c>DHHC-1:0x:BASE64:</c>, where BASE64 is 32, 48 or 64 bytes of key and
/// their CRC-32, and x says by which hash function the key is bound to the NQN of its owner (0: not at all).
/// </summary>
/// <remarks>
/// The key is in one place that the garbage collector does not move, and is overwritten by <see cref="Dispose"/>. No member tells it. Any thread.
/// </remarks>
public sealed class DhChapSecret : IDisposable
{
    /// <summary>Bytes of the longest key, and of the longest derived one.</summary>
    internal const int MaxLength = 64;

    private const int MaxNqn = 256;

    private readonly Lock _lock = new();
    private readonly byte[] _key;
    private bool _disposed;

    internal DhChapSecret(DhChapHash? transformation, ReadOnlySpan<byte> key)
    {
        Transformation = transformation;
        _key = GC.AllocateUninitializedArray<byte>(key.Length, pinned: true);
        key.CopyTo(_key);
    }

    /// <summary>The hash function that binds the key to the NQN of its owner; null for a key that is used as it is.</summary>
    public DhChapHash? Transformation { get; }

    /// <summary>Reads a secret.</summary>
    /// <exception cref="FormatException">It is none; one sentence, which does not repeat it.</exception>
    public static DhChapSecret Parse(ReadOnlySpan<char> text) => TryParse(text, out DhChapSecret? secret, out string? error) ? secret : throw new FormatException(error);

    /// <summary>Reads a secret.</summary>
    /// <param name="text">Nothing around it, not even white space.</param>
    /// <param name="secret">The secret, the caller's to dispose.</param>
    /// <param name="error">One sentence, which does not repeat the text.</param>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out DhChapSecret? secret, [NotNullWhen(false)] out string? error) =>
        DhChapSecretParser.TryParse(text, out secret, out error);

    /// <summary>A second one, for an owner of its own.</summary>
    /// <exception cref="ObjectDisposedException">This one was disposed.</exception>
    public DhChapSecret Copy()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new DhChapSecret(Transformation, _key);
        }
    }

    /// <summary>The form without the key.</summary>
    public override string ToString() => $"DHHC-1:{(byte)(Transformation ?? 0):x2}:...:";

    /// <summary>Overwrites the key.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            CryptographicOperations.ZeroMemory(_key);
        }
    }

    /// <summary>The key as its owner uses it: transformed with the owner's NQN (NVMe Base, DH-HMAC-CHAP, transformed key).</summary>
    /// <param name="nqn">The owner: the host, or for a controller's secret the subsystem.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes; the caller's to overwrite.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="ObjectDisposedException">The secret was disposed.</exception>
    internal int Derive(string nqn, Span<byte> destination)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (Transformation is not { } hash)
            {
                _key.CopyTo(destination);
                return _key.Length;
            }

            ReadOnlySpan<byte> label = "NVMe-over-Fabrics"u8;
            Span<byte> input = stackalloc byte[MaxNqn + label.Length];
            int length = Encoding.UTF8.GetBytes(nqn, input);
            label.CopyTo(input[length..]);
            hash.Authenticate(_key, input[..(length + label.Length)], destination[..hash.Length()]);
            return hash.Length();
        }
    }
}
