namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>What is fixed for one run.</summary>
/// <param name="FirstIndex">Index of the first zero-copy send.</param>
/// <param name="SendBuffer">Bytes the kernel takes before it says EAGAIN.</param>
/// <param name="HasZeroCopy">False: SO_ZEROCOPY is refused.</param>
/// <param name="IsHelpfulAtTheEnd">True: after the last operation peer and kernel do all that is expected of them. False: they do nothing any more.</param>
/// <param name="Content">Seed of payloads.</param>
public sealed record ModelSettings(uint FirstIndex, int SendBuffer, bool HasZeroCopy, bool IsHelpfulAtTheEnd, int Content);
