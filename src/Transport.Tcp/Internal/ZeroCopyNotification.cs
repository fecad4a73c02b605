namespace Nvmf.Transport.Tcp.Internal;

/// <summary>The kernel no longer reads the memory of the zero-copy sends <paramref name="Low"/> to <paramref name="High"/>, both included.</summary>
/// <param name="Low">First index.</param>
/// <param name="High">Last index; smaller than <paramref name="Low"/> where the numbers wrap.</param>
/// <param name="WasCopied">The kernel copied after all: the way to the peer cannot do without.</param>
internal readonly record struct ZeroCopyNotification(uint Low, uint High, bool WasCopied);
