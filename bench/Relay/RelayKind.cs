namespace Nvmf.Bench.Relay;

/// <summary>What is measured.</summary>
internal enum RelayKind
{
    /// <summary>Our relay, by the kernel.</summary>
    Splice,

    /// <summary>Our relay, copying.</summary>
    Copy,

    /// <summary>haproxy with <c>option splice-auto</c>.</summary>
    HaproxySplice,

    /// <summary>haproxy as it comes.</summary>
    Haproxy,
}
