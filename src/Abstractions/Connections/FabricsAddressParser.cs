using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Nvmf.Abstractions.Connections;

/// <summary>Reads the written form of a <see cref="FabricsAddress"/>; every mistake gets one sentence.</summary>
internal static class FabricsAddressParser
{
    private static readonly SearchValues<char> HostNameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    private static readonly SearchValues<char> DottedDecimalCharacters = SearchValues.Create("0123456789.");

    /// <returns>Null, or what is wrong.</returns>
    public static string? Parse(string? text, out FabricsAddress? address)
    {
        address = null;
        if (string.IsNullOrWhiteSpace(text))
        {
            return "The address is empty; write it like tcp://127.0.0.1:4420.";
        }

        int schemeEnd = text.IndexOf("://", StringComparison.Ordinal);
        if (schemeEnd < 0)
        {
            return $"'{text}' is not an address: it does not begin with tcp:// or rdma://.";
        }

        NvmeTransportType? transportType = text[..schemeEnd].ToLowerInvariant() switch
        {
            "tcp" => NvmeTransportType.Tcp,
            "rdma" => NvmeTransportType.Rdma,
            _ => null,
        };
        if (transportType is null)
        {
            return $"'{text}' is not an address: there is no transport '{text[..schemeEnd]}', only tcp and rdma.";
        }

        if (!TrySplit(text, text.AsSpan(schemeEnd + 3), out ReadOnlySpan<char> host, out ReadOnlySpan<char> port, out bool bracketed, out string? error))
        {
            return error;
        }

        int portNumber = FabricsAddress.DefaultPort;
        if (!port.IsEmpty && (!int.TryParse(port[1..], NumberStyles.None, CultureInfo.InvariantCulture, out portNumber) || portNumber > ushort.MaxValue))
        {
            return $"'{text}' is not an address: the port '{port[1..]}' is not a number from 0 to 65535.";
        }

        if (!TryParseHost(text, host, bracketed, out IPAddress? ipAddress, out error))
        {
            return error;
        }

        address = new FabricsAddress(transportType.Value, ipAddress?.ToString() ?? host.ToString().ToLowerInvariant(), portNumber, ipAddress);
        return null;
    }

    private static bool TrySplit(
        string text, ReadOnlySpan<char> authority, out ReadOnlySpan<char> host, out ReadOnlySpan<char> port, out bool bracketed, out string? error)
    {
        host = port = default;
        error = null;
        bracketed = authority.StartsWith('[');
        if (bracketed)
        {
            int end = authority.IndexOf(']');
            if (end < 0)
            {
                error = $"'{text}' is not an address: the closing bracket of the IPv6 address is missing.";
                return false;
            }

            host = authority[1..end];
            port = authority[(end + 1)..];
        }
        else
        {
            int colon = authority.IndexOf(':');
            if (colon >= 0 && authority[(colon + 1)..].Contains(':'))
            {
                error = $"'{text}' is not an address: an IPv6 address must be in brackets, like tcp://[::1]:4420.";
                return false;
            }

            host = colon < 0 ? authority : authority[..colon];
            port = colon < 0 ? [] : authority[colon..];
        }

        if (!port.IsEmpty && port[0] != ':')
        {
            error = $"'{text}' is not an address: '{port}' after the closing bracket is not a port.";
            return false;
        }

        return true;
    }

    private static bool TryParseHost(string text, ReadOnlySpan<char> host, bool bracketed, out IPAddress? ipAddress, out string? error)
    {
        ipAddress = null;
        error = null;
        if (host.IsEmpty)
        {
            error = $"'{text}' is not an address: there is no host in it.";
        }
        else if (bracketed)
        {
            if (!IPAddress.TryParse(host, out ipAddress) || ipAddress.AddressFamily != AddressFamily.InterNetworkV6)
            {
                error = $"'{text}' is not an address: '{host}' is not an IPv6 address.";
            }
        }
        else if (!host.ContainsAnyExcept(DottedDecimalCharacters))
        {
            // IPAddress also takes "1" and "127.1", which nobody means, so only the canonical form passes.
            if (!IPAddress.TryParse(host, out ipAddress) || !host.SequenceEqual(ipAddress.ToString()))
            {
                error = $"'{text}' is not an address: '{host}' is not an IPv4 address.";
            }
        }
        else if (host.ContainsAnyExcept(HostNameCharacters))
        {
            error = $"'{text}' is not an address: '{host}' is not a host name.";
        }

        return error is null;
    }
}
