using Nvmf.Abstractions.Authentication;

namespace Nvmf.Target;

/// <summary>The secrets by which a host and a subsystem prove to each other who they are (DH-HMAC-CHAP).</summary>
/// <param name="host">The host's secret. A host that has one must authenticate.</param>
/// <param name="controller">The subsystem's secret towards this host; null: a host that asks for a proof is refused.</param>
/// <remarks>The secrets stay the caller's: whoever takes this makes copies.</remarks>
public sealed class HostSecrets(DhChapSecret host, DhChapSecret? controller = null)
{
    /// <summary>The host's secret.</summary>
    public DhChapSecret Host { get; } = host ?? throw new ArgumentNullException(nameof(host));

    /// <summary>The subsystem's secret towards this host, or null.</summary>
    public DhChapSecret? Controller { get; } = controller;

    internal HostSecrets Copy()
    {
        DhChapSecret copy = Host.Copy();
        try
        {
            return new HostSecrets(copy, Controller?.Copy());
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    internal void Forget()
    {
        Host.Dispose();
        Controller?.Dispose();
    }
}
