namespace Nvmf.Initiator.Discovery;

/// <summary>What one discovery controller, and those it refers to, told of a fabric.</summary>
/// <param name="Paths">Every path once, in the order found.</param>
/// <param name="Failures">Controllers that could not be asked.</param>
/// <param name="Skipped">
/// Entries that this library cannot use or that make no sense (another transport, a malformed name or address, TLS), and referrals beyond the limits.
/// </param>
public sealed record NvmeFabric(IReadOnlyList<NvmeDiscoveredPath> Paths, IReadOnlyList<NvmeDiscoveryFailure> Failures, int Skipped);
