using System.Net;
using Nvmf.Abstractions.Connections;
using Nvmf.Transport.Tcp.Relay;

namespace Nvmf.Hosting.Internal;

/// <summary>Reads the addresses of relays.</summary>
internal static class RelayAddresses
{
    /// <returns>Null, or one sentence.</returns>
    public static string? Describe(string text, bool isUpstream) =>
        !FabricsAddress.TryParse(text, out FabricsAddress? address, out string? error) ? error
        : address.TransportType != NvmeTransportType.Tcp ? $"'{text}' cannot be relayed: only TCP can."
        : isUpstream && address.Port == 0 ? $"'{text}' has no port to connect to."
        : null;

    /// <exception cref="NvmeTargetException">There is none, or one is malformed.</exception>
    public static RelayUpstreams ToUpstreams(IEnumerable<string> to)
    {
        string[] texts = [.. to];
        string? error = texts.Length == 0 ? "A relay needs at least one upstream." : texts.Select(t => Describe(t, isUpstream: true)).FirstOrDefault(e => e is not null);
        return error is null ? new RelayUpstreams(texts.Select(ToEndPoint)) : throw new NvmeTargetException(NvmeTargetError.Invalid, error);
    }

    /// <summary>A host name stays one, so that it is resolved with each connection.</summary>
    private static EndPoint ToEndPoint(string text)
    {
        FabricsAddress address = FabricsAddress.Parse(text);
        return address.IPAddress is { } ip ? new IPEndPoint(ip, address.Port) : new DnsEndPoint(address.Host, address.Port);
    }
}
