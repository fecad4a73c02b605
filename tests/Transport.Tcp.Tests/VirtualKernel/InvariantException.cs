namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>An invariant of docs/drain.md and docs/lifecycle.md does not hold.</summary>
public sealed class InvariantException(string invariant, string message) : Exception($"{invariant}: {message}")
{
    public string Invariant { get; } = invariant;
}
