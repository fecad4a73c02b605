using System.Runtime.CompilerServices;

namespace Nvmf.Transport.Tcp.Internal;

/// <summary>A first-in, first-out queue of structs that grows and is indexed from its head. Steady use allocates nothing.</summary>
internal sealed class Ring<T>
    where T : struct
{
    private T[] _items = [];
    private int _head;
    private int _count;

    public int Count => _count;

    /// <summary>Items removed so far: item i of now is number <c>Removed + i</c> of all times.</summary>
    public long Removed { get; private set; }

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _items[(_head + index) & (_items.Length - 1)];
    }

    public ref T Last => ref this[_count - 1];

    public void Add(in T item)
    {
        if (_count == _items.Length)
        {
            Grow();
        }

        this[_count++] = item;
    }

    public void RemoveFirst()
    {
        _items[_head] = default;
        _head = (_head + 1) & (_items.Length - 1);
        _count--;
        Removed++;
    }

    private void Grow()
    {
        var larger = new T[Math.Max(16, _items.Length * 2)];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = this[i];
        }

        _items = larger;
        _head = 0;
    }
}
