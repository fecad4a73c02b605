using System.Buffers;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>
/// Bytes a handler has not consumed yet. The kernel never writes here (it writes to the loop's buffer), so ordinary pooled memory does; a
/// connection without such bytes holds none.
/// </summary>
internal struct ReceiveTail
{
    private byte[]? _bytes;
    private int _length;

    public readonly int Length => _length;

    public readonly bool IsEmpty => _length == 0;

    public readonly int CopyTo(Span<byte> destination)
    {
        if (_length > 0)
        {
            _bytes.AsSpan(0, _length).CopyTo(destination);
        }

        return _length;
    }

    public void Store(ReadOnlySpan<byte> bytes)
    {
        if (_bytes is null || _bytes.Length < bytes.Length)
        {
            Clear();
            _bytes = ArrayPool<byte>.Shared.Rent(bytes.Length);
        }

        bytes.CopyTo(_bytes);
        _length = bytes.Length;
    }

    public void Clear()
    {
        if (_bytes is null)
        {
            return;
        }

        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = null;
        _length = 0;
    }
}
