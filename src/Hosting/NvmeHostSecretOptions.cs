using Nvmf.Abstractions.Authentication;

namespace Nvmf.Hosting;

/// <summary>The secrets of one host: it may connect, and must authenticate (DH-HMAC-CHAP).</summary>
public sealed class NvmeHostSecretOptions
{
    /// <summary>NQN of the host.</summary>
    public string Host { get; set; } = "";

    /// <summary>
    /// The host's secret, as <c>nvme gen-dhchap-key</c> prints it, or where it is: <c>file:PATH</c>, <c>env:NAME</c> (see <see cref="DhChapSecretSource"/>). Read when the
    /// subsystem is added.
    /// </summary>
    public string Secret { get; set; } = "";

    /// <summary>The subsystem's secret towards this host, likewise. Null: a host that asks the subsystem for a proof is refused.</summary>
    public string? ControllerSecret { get; set; }
}
