using Nvmf.Testing;

namespace Nvmf.Hostile.Tests.Client;

/// <summary>Everything on the test's thread, and no clock that moves by itself.</summary>
internal sealed class MemoryWorld() : World(new ManualTimeProvider())
{
    public override HostWire Open() => new MemoryWire(this);
}
