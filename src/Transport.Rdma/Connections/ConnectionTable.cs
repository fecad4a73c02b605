namespace Nvmf.Transport.Rdma.Connections;

/// <summary>The connections of one loop by slot and generation. On the loop only.</summary>
internal sealed class ConnectionTable
{
    private RdmaConnection?[] _connections = new RdmaConnection?[16];
    private uint[] _generations = new uint[16];
    private readonly Stack<ushort> _free = new();
    private int _used;

    public int Count { get; private set; }

    /// <returns>False when 65536 connections are in use.</returns>
    public bool TryAdd(RdmaConnection connection, out ConnectionHandle handle)
    {
        handle = default;
        if (!_free.TryPop(out ushort slot))
        {
            if (_used == WorkRequestId.MaxConnections)
            {
                return false;
            }

            if (_used == _connections.Length)
            {
                Array.Resize(ref _connections, _used * 2);
                Array.Resize(ref _generations, _used * 2);
            }

            slot = (ushort)_used++;
        }

        // Never 0, which stands for nobody.
        _generations[slot] = (_generations[slot] % (WorkRequestId.ConnectionGenerations - 1)) + 1;
        _connections[slot] = connection;
        Count++;
        handle = new ConnectionHandle(slot, _generations[slot]);
        return true;
    }

    public RdmaConnection? Find(ConnectionHandle handle) =>
        handle.Slot < _used && _generations[handle.Slot] == handle.Generation ? _connections[handle.Slot] : null;

    public void Remove(ConnectionHandle handle)
    {
        if (Find(handle) is null)
        {
            return;
        }

        _connections[handle.Slot] = null;
        _free.Push(handle.Slot);
        Count--;
    }

    /// <summary>A copy of those in use.</summary>
    public RdmaConnection[] All() => [.. _connections.Where(static connection => connection is not null)!];
}
