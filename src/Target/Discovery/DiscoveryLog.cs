using System.Globalization;
using System.Net.Sockets;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Discovery;

/// <summary>The discovery log (70h) of one generation, for one host.</summary>
internal sealed class DiscoveryLog
{
    private const byte RdmaReliableConnected = 1;
    private const byte RdmaNoProvider = 1;
    private const byte RdmaConnectionManager = 1;

    private DiscoveryLog(ulong generation, byte[] page)
    {
        Generation = generation;
        Page = page;
    }

    public ulong Generation { get; }

    public byte[] Page { get; }

    public static DiscoveryLog Build(NvmeTarget target, Controller controller, ulong generation)
    {
        var entries = new List<DiscoveryLogEntry>();
        IReadOnlyCollection<TargetPort> ports = target.Ports;
        foreach (TargetPort port in ports)
        {
            TryAdd(entries, target, controller, port, Nqn.Discovery, DiscoverySubtype.CurrentDiscovery);
        }

        foreach (Subsystem subsystem in target.Subsystems.Where(subsystem => subsystem.IsAllowed(controller.HostNqn)))
        {
            foreach (TargetPort port in ports)
            {
                TryAdd(entries, target, controller, port, subsystem.Nqn, DiscoverySubtype.NvmSubsystem);
            }
        }

        foreach (TargetReferral referral in target.Referrals)
        {
            Add(entries, target, referral);
        }

        var page = new byte[DiscoveryLogHeader.Size + entries.Count * DiscoveryLogEntry.Size];
        WireStructure.Write(page, new DiscoveryLogHeader { GenerationCounter = generation, Records = (ulong)entries.Count });
        for (int i = 0; i < entries.Count; i++)
        {
            WireStructure.Write(page.AsSpan(DiscoveryLogHeader.Size + i * DiscoveryLogEntry.Size), entries[i]);
        }

        return new DiscoveryLog(generation, page);
    }

    private static void TryAdd(
        List<DiscoveryLogEntry> entries,
        NvmeTarget target,
        Controller controller,
        TargetPort port,
        string nqn,
        DiscoverySubtype subtype)
    {
        if (!ReachableAddress.TryFind(port, controller.AdminQueue.QueuePair.LocalEndPoint, out ReachableAddress address))
        {
            return;
        }

        bool discovery = subtype == DiscoverySubtype.CurrentDiscovery;
        var entry = new DiscoveryLogEntry
        {
            TransportType = (FabricsTransportType)port.TransportType,
            AddressFamily = address.Family,
            Subtype = subtype,

            // Without TLS "not specified": nvme-cli takes "not required" for an offer of TLS and fails on kernels that have none.
            Requirements = TransportRequirements.FlowControlDisableSupported
                | (port.Security == TransportSecurity.None ? TransportRequirements.NotSpecified : TransportRequirements.SecureChannelRequired),
            PortId = port.Id,
            ControllerId = ControllerIdentifiers.Dynamic,
            AdminMaxSubmissionQueueSize = (ushort)target.Options.MaxAdminQueueSize,

            // Every port tells the same, and a discovery controller may be kept.
            Flags = discovery
                ? DiscoveryEntryFlags.DuplicateReturnedInformation | DiscoveryEntryFlags.ExplicitPersistentConnection
                : DiscoveryEntryFlags.None,
        };
        entry.SubsystemNqn.Set(nqn);
        entry.TransportServiceId.Set(port.ServiceId);
        entry.TransportAddress.Set(address.Text);
        if (port.TransportType == NvmeTransportType.Rdma)
        {
            SetRdma(ref entry);
        }
        else
        {
            entry.TcpSecurityType = (byte)port.Security;
        }

        entries.Add(entry);
    }

    private static void Add(List<DiscoveryLogEntry> entries, NvmeTarget target, TargetReferral referral)
    {
        var entry = new DiscoveryLogEntry
        {
            TransportType = (FabricsTransportType)referral.TransportType,
            AddressFamily = referral.Address.AddressFamily == AddressFamily.InterNetworkV6 ? FabricsAddressFamily.IPv6 : FabricsAddressFamily.IPv4,
            Subtype = DiscoverySubtype.Referral,
            Requirements = TransportRequirements.NotSpecified,
            ControllerId = ControllerIdentifiers.Dynamic,
            AdminMaxSubmissionQueueSize = (ushort)target.Options.MaxAdminQueueSize,
        };
        entry.SubsystemNqn.Set(referral.SubsystemNqn);
        entry.TransportServiceId.Set(referral.Port.ToString(CultureInfo.InvariantCulture));
        entry.TransportAddress.Set(referral.Address.ToString());
        if (referral.TransportType == NvmeTransportType.Rdma)
        {
            SetRdma(ref entry);
        }

        entries.Add(entry);
    }

    private static void SetRdma(ref DiscoveryLogEntry entry)
    {
        entry.RdmaQueuePairType = RdmaReliableConnected;
        entry.RdmaProviderType = RdmaNoProvider;
        entry.RdmaConnectionManagement = RdmaConnectionManager;
    }
}
