using Nvmf.Abstractions.Buffers;

namespace Nvmf.Abstractions.Tests.Buffers;

/// <summary>Notes its turn, then acts.</summary>
internal sealed class TestWaiter(Action<TestWaiter>? then = null) : BufferWaiter
{
    public int Turns { get; private set; }

    public BufferLease Lease { get; private set; }

    protected internal override void OnRented(BufferLease lease)
    {
        Lease = lease;
        Turns++;
        then?.Invoke(this);
    }
}
