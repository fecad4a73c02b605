using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Nvmf.Abstractions.Connections;
using Nvmf.Hosting;
using TargetHost.CommandLine;

namespace TargetHost;

/// <summary>What is served and how to reach it, in lines to copy.</summary>
internal static class Banner
{
    public static string Write(TargetHostOptions options, INvmeTargetControl control, string? http)
    {
        using var output = new StringWriter();
        foreach (NvmeSubsystemInfo subsystem in control.Subsystems)
        {
            output.WriteLine($"Subsystem {subsystem.Nqn}");
            foreach (NvmeNamespaceInfo ns in subsystem.Namespaces)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"  namespace {ns.Nsid}: {ns.Disk}, {ByteSize.Format(ns.SizeInBytes)} in blocks of {ns.BlockSize} bytes"));
            }
        }

        string host = options.Hosts is [var first, ..] ? $" -q {first}" : "";
        string secret = "";
        if (options.Secrets is [var authenticated, ..] && options.Hosts is not [_, ..])
        {
            host = $" -q {authenticated.Host}";
            secret = $" -S SECRET{(authenticated.ControllerSecret is null ? "" : " -C SECRET")}";
        }

        foreach (FabricsAddress address in control.Listeners.Select(l => l.Address))
        {
            string destination = string.Create(CultureInfo.InvariantCulture, $"-t {(address.TransportType == NvmeTransportType.Rdma ? "rdma" : "tcp")} -a {ReachableHost(address)} -s {address.Port}{host}");
            output.WriteLine($"Listening on {address}");
            output.WriteLine($"  nvme discover {destination}");
            output.WriteLine($"  nvme connect {destination} -n {options.Nqn}{secret}");
        }

        if (http is not null)
        {
            output.WriteLine($"Control on {http}");
        }

        output.WriteLine("Ctrl-C drains and ends.");
        return output.ToString();
    }

    /// <summary>An address for others in place of a wildcard: the first of a network that is up, or loopback.</summary>
    private static string ReachableHost(FabricsAddress address)
    {
        if (address.IPAddress is not { } ip || !(ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
        {
            return address.Host;
        }

        IPAddress? reachable = NetworkInterface.GetAllNetworkInterfaces()
            .Where(n => n.OperationalStatus == OperationalStatus.Up && n.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(n => n.GetIPProperties().UnicastAddresses)
            .Select(u => u.Address)
            .Where(a => a.AddressFamily == AddressFamily.InterNetwork || (ip.AddressFamily == AddressFamily.InterNetworkV6 && !a.IsIPv6LinkLocal))
            .OrderBy(a => a.AddressFamily)
            .FirstOrDefault();
        return (reachable ?? IPAddress.Loopback).ToString();
    }
}
