using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target;

/// <summary>One sentence per mistake.</summary>
internal static class SubsystemOptionsValidation
{
    public static void Check(SubsystemOptions options)
    {
        Nqn.ThrowIfInvalid(options.Nqn, nameof(options.Nqn));
        if (options.Nqn == Nqn.Discovery)
        {
            throw new ArgumentException("The discovery subsystem is there by itself; its NQN cannot be given to another.");
        }

        if (options.SerialNumber != null)
        {
            CheckText(options.SerialNumber, 20, nameof(options.SerialNumber));
        }

        CheckText(options.ModelNumber, 40, nameof(options.ModelNumber));
        CheckText(options.FirmwareRevision, 8, nameof(options.FirmwareRevision));
        CheckRange(options.MaxControllers, 1, ControllerIdentifiers.Max, nameof(options.MaxControllers));
        CheckRange(options.MaxIoQueues, 1, ushort.MaxValue, nameof(options.MaxIoQueues));
        CheckRange(options.MaxNamespaces, 1, NamespaceIdentifiers.ListLength, nameof(options.MaxNamespaces));
        CheckRange(options.MinControllerId, 1, options.MaxControllerId, nameof(options.MinControllerId));
        CheckRange(options.MaxControllerId, options.MinControllerId, ControllerIdentifiers.Max, nameof(options.MaxControllerId));
        foreach (string host in options.AllowedHosts)
        {
            Nqn.ThrowIfInvalid(host, nameof(options.AllowedHosts));
        }

        foreach ((string host, HostSecrets? secrets) in options.Secrets)
        {
            Nqn.ThrowIfInvalid(host, nameof(options.Secrets));
            ArgumentNullException.ThrowIfNull(secrets, nameof(options.Secrets));
        }

        CheckChoices(options.AuthenticationHashes, nameof(options.AuthenticationHashes));
        CheckChoices(options.AuthenticationGroups, nameof(options.AuthenticationGroups));
    }

    private static void CheckChoices<T>(IList<T> choices, string name)
        where T : struct, Enum
    {
        var seen = new HashSet<T>();
        foreach (T choice in choices)
        {
            if (!Enum.IsDefined(choice) || !seen.Add(choice))
            {
                throw new ArgumentException($"{name} has {choice}, which is {(Enum.IsDefined(choice) ? "there twice" : "not known")}.");
            }
        }
    }

    private static void CheckText(string? text, int maxLength, string name)
    {
        if (string.IsNullOrEmpty(text) || text.Length > maxLength || text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"{name} must have 1 to {maxLength} printable ASCII characters.");
        }
    }

    private static void CheckRange(int value, int min, int max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"{name} must be {min} to {max}, not {value}.");
        }
    }
}
