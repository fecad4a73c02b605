using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Internal;

/// <summary>Registered descriptors by slot. A slot's generation moves on when it is freed, so a late event finds nobody.</summary>
internal sealed class RegistrationTable
{
    private Slot[] _slots = new Slot[64];
    private int _used;
    private int _free = -1;

    public int Count { get; private set; }

    /// <summary>Slots that were ever in use.</summary>
    public int Used => _used;

    public int Add(IEventLoopHandler handler, SafeHandle handle, out uint generation)
    {
        int index = _free;
        if (index >= 0)
        {
            _free = _slots[index].NextFree;
        }
        else
        {
            if (_used == _slots.Length)
            {
                Array.Resize(ref _slots, _used * 2);
            }

            index = _used++;
        }

        ref Slot slot = ref _slots[index];
        slot.Handler = handler;
        slot.Handle = handle;
        generation = slot.Generation;
        Count++;
        return index;
    }

    public IEventLoopHandler? Find(int index, uint generation) => IsCurrent(index, generation) ? _slots[index].Handler : null;

    public SafeHandle? FindHandle(int index, uint generation) => IsCurrent(index, generation) ? _slots[index].Handle : null;

    /// <summary>Whoever has the slot now; null for a free one.</summary>
    public IEventLoopHandler? At(int index) => _slots[index].Handler;

    public void Remove(int index)
    {
        ref Slot slot = ref _slots[index];
        slot.Handler = null;
        slot.Handle = null;
        slot.Generation++;
        slot.NextFree = _free;
        _free = index;
        Count--;
    }

    private bool IsCurrent(int index, uint generation) => (uint)index < (uint)_used && _slots[index].Generation == generation;

    private struct Slot
    {
        public IEventLoopHandler? Handler;
        public SafeHandle? Handle;
        public uint Generation;
        public int NextFree;
    }
}
