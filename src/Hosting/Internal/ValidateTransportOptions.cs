using System.Net;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Hosting.Internal;

/// <summary>One sentence per mistake, each with the configuration path it is at.</summary>
internal sealed class ValidateTransportOptions : IValidateOptions<NvmeTransportOptions>
{
    private const int MaxLoops = 1024;
    private const int MaxReferrals = 256;
    private const long MinPoolLimit = 16 << 20;
    private const long MaxPoolLimit = 4L << 40;
    private static readonly TimeSpan MaxSpin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxDeadline = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, NvmeTransportOptions options)
    {
        var failures = new List<string>();
        string root = NvmeTransportOptions.SectionName;
        CheckListeners(options, $"{root}:{nameof(options.Listeners)}", failures);
        CheckReferrals(options.Referrals, $"{root}:{nameof(options.Referrals)}", failures);
        CheckEngine(options, root, failures);
        CheckDeadlines(options.Deadlines, $"{root}:{nameof(options.Deadlines)}", failures);
        ValidateRelayOptions.Check(options.Relays, $"{root}:{nameof(options.Relays)}", failures);
        ValidateSubsystemOptions.Check(options.Subsystems, $"{root}:{nameof(options.Subsystems)}", failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckListeners(NvmeTransportOptions options, string path, List<string> failures)
    {
        var seen = new HashSet<FabricsAddress>();
        for (int i = 0; i < options.Listeners.Count; i++)
        {
            if (!FabricsAddress.TryParse(options.Listeners[i], out FabricsAddress? address, out string? error))
            {
                failures.Add($"{path}:{i}: {error}");
            }
            else if (address.Port != 0 && !seen.Add(address))
            {
                failures.Add($"{path}:{i}: {address} is listed twice.");
            }
        }
    }

    private static void CheckReferrals(IList<string> referrals, string path, List<string> failures)
    {
        if (referrals.Count > MaxReferrals)
        {
            failures.Add($"{path}: There are {referrals.Count} referrals, more than {MaxReferrals}.");
        }

        var seen = new HashSet<FabricsAddress>();
        for (int i = 0; i < referrals.Count; i++)
        {
            if (!FabricsAddress.TryParse(referrals[i], out FabricsAddress? address, out string? error))
            {
                failures.Add($"{path}:{i}: {error}");
            }
            else if (address.IPAddress is not { } ip || ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any) || address.Port == 0)
            {
                failures.Add($"{path}:{i}: {address} is not an IP address and port that hosts can be referred to.");
            }
            else if (!seen.Add(address))
            {
                failures.Add($"{path}:{i}: {address} is listed twice.");
            }
        }
    }

    private static void CheckEngine(NvmeTransportOptions options, string root, List<string> failures)
    {
        if (options.Loops is < 1 or > MaxLoops)
        {
            failures.Add($"{root}:{nameof(options.Loops)}: {options.Loops} is not a number from 1 to {MaxLoops}.");
        }

        if (options.Spin < TimeSpan.Zero || options.Spin > MaxSpin)
        {
            failures.Add($"{root}:{nameof(options.Spin)}: {options.Spin} is not a time from 0 to 1 s.");
        }

        if (!ZeroCopySetting.TryParse(options.ZeroCopy, out _, out string? error))
        {
            failures.Add($"{root}:{nameof(options.ZeroCopy)}: {error}");
        }

        if (!ByteSize.TryParse(options.PoolLimit, out long limit, out error))
        {
            failures.Add($"{root}:{nameof(options.PoolLimit)}: {error}");
        }
        else if (limit < MinPoolLimit)
        {
            failures.Add($"{root}:{nameof(options.PoolLimit)}: {options.PoolLimit} is less than {ByteSize.Format(MinPoolLimit)}.");
        }
        else if (limit > MaxPoolLimit)
        {
            failures.Add($"{root}:{nameof(options.PoolLimit)}: {options.PoolLimit} is more than {ByteSize.Format(MaxPoolLimit)}.");
        }
    }

    private static void CheckDeadlines(NvmeDeadlineOptions deadlines, string path, List<string> failures)
    {
        foreach ((string name, TimeSpan value) in new[]
        {
            (nameof(deadlines.Commands), deadlines.Commands),
            (nameof(deadlines.Transmissions), deadlines.Transmissions),
            (nameof(deadlines.Abort), deadlines.Abort),
        })
        {
            if (value <= TimeSpan.Zero || value > MaxDeadline)
            {
                failures.Add($"{path}:{name}: {value} is not a time of more than 0 and at most 1 h.");
            }
        }
    }
}
