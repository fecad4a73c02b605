using Nvmf.Abstractions.Connections;

namespace Nvmf.Transport.Tcp.Tests.Connections;

internal sealed class CountingOwner : IOwnedMemorySendOwner
{
    private int _proven;
    private int _unproven;

    public int Proven => Volatile.Read(ref _proven);

    public int Unproven => Volatile.Read(ref _unproven);

    public void OnSent(bool proven) => Interlocked.Increment(ref proven ? ref _proven : ref _unproven);
}
