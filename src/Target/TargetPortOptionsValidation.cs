using System.Net;
using System.Net.Sockets;

namespace Nvmf.Target;

/// <summary>One sentence per mistake.</summary>
internal static class TargetPortOptionsValidation
{
    private const int AddressLength = 256;
    private const int ServiceIdLength = 32;

    public static void Check(TargetPortOptions options)
    {
        if (!Enum.IsDefined(options.TransportType))
        {
            throw new ArgumentException($"{options.TransportType} is not an NVMe transport.");
        }

        if (options.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6 or AddressFamily.Unspecified))
        {
            throw new ArgumentException($"A port of address family {options.AddressFamily} cannot be told to hosts.");
        }

        CheckText(options.Address, AddressLength, nameof(options.Address));
        CheckText(options.ServiceId, ServiceIdLength, nameof(options.ServiceId));
        if (IPAddress.TryParse(options.Address, out IPAddress? address) && options.AddressFamily != AddressFamily.Unspecified
            && address.AddressFamily != options.AddressFamily)
        {
            throw new ArgumentException($"The address {options.Address} is not of family {options.AddressFamily}.");
        }
    }

    private static void CheckText(string? text, int maxLength, string name)
    {
        if (string.IsNullOrEmpty(text) || text.Length > maxLength || text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"The {name} of a port must have 1 to {maxLength} printable ASCII characters.");
        }
    }
}
