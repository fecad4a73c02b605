using Nvmf.Abstractions.Authentication;
using Nvmf.Target;

namespace Nvmf.Hosting.Internal;

/// <summary>Reads the secrets that options name. Whoever gets them disposes them.</summary>
internal static class HostSecretReader
{
    /// <exception cref="NvmeTargetException">A secret is malformed, or cannot be read.</exception>
    public static HostSecrets Read(NvmeHostSecretOptions options)
    {
        DhChapSecret host = Read(options.Secret);
        try
        {
            return new HostSecrets(host, options.ControllerSecret is { } controller ? Read(controller) : null);
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public static void Dispose(HostSecrets secrets)
    {
        secrets.Host.Dispose();
        secrets.Controller?.Dispose();
    }

    /// <summary>One sentence, or null. A secret that is somewhere else is not read: it may come until it is needed.</summary>
    public static string? Describe(string? source)
    {
        if (string.IsNullOrEmpty(source))
        {
            return "A secret is missing.";
        }

        if (!DhChapSecretSource.IsInline(source))
        {
            return null;
        }

        if (DhChapSecret.TryParse(source, out DhChapSecret? secret, out string? error))
        {
            secret.Dispose();
        }

        return error;
    }

    private static DhChapSecret Read(string source) => DhChapSecretSource.TryRead(source, out DhChapSecret? secret, out string? error)
        ? secret
        : throw new NvmeTargetException(DhChapSecretSource.IsInline(source) ? NvmeTargetError.Invalid : NvmeTargetError.Unavailable, error);
}
