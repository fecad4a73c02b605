using System.Net;
using System.Runtime.InteropServices;
using Nvmf.Abstractions.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Discovery;
using Xunit.Abstractions;

namespace Nvmf.Initiator.Tests.Discovery;

/// <summary>What a discovery log says is somebody else's.</summary>
public class DiscoveryEntryTests(ITestOutputHelper output)
{
    [Fact]
    public void Paths_over_tcp_and_rdma_are_read()
    {
        Assert.True(DiscoveryEntryReader.TryRead(NewEntry(), out var tcp));
        Assert.Equal(new NvmeDiscoveredPath("nqn.2026-11.test:disk", new IPEndPoint(IPAddress.Parse("192.0.2.1"), 4420)), tcp);
        Assert.True(DiscoveryEntryReader.TryRead(NewEntry(address: "2001:db8::1", family: FabricsAddressFamily.IPv6, type: FabricsTransportType.Rdma), out var rdma));
        Assert.Equal(new RdmaEndPoint(IPAddress.Parse("2001:db8::1"), 4420), rdma.EndPoint);
        Assert.True(DiscoveryEntryReader.TryRead(NewEntry(requirements: TransportRequirements.SecureChannelNotRequired), out _));
    }

    public static TheoryData<string, DiscoveryLogEntry> Nonsense => new()
    {
        { "another transport", NewEntry(type: FabricsTransportType.FibreChannel) },
        { "TLS", NewEntry(requirements: TransportRequirements.SecureChannelRequired) },
        { "a host name", NewEntry(address: "disks.example") },
        { "an address of the other family", NewEntry(address: "2001:db8::1") },
        { "no family", NewEntry(family: FabricsAddressFamily.None) },
        { "a wildcard", NewEntry(address: "0.0.0.0") },
        { "no address", NewEntry(address: "") },
        { "no port", NewEntry(service: "") },
        { "port 0", NewEntry(service: "0") },
        { "a port that is too large", NewEntry(service: "65536") },
        { "a port with a sign", NewEntry(service: "+4420") },
        { "a port with something behind it", NewEntry(service: "4420;reboot") },
        { "a name that is none", NewEntry(nqn: "disk") },
        { "a name with a line feed", NewEntry(nqn: "nqn.2026-11.test:disk\nfake log line") },
        { "a name without an end", Filled(NewEntry(), 256, 256, (byte)'n') },
        { "a name that is no text", Filled(NewEntry(), 260, 4, 0xFF) },
        { "an address that is no text", Filled(NewEntry(), 512, 256, 0xC3) },
    };

    [Theory]
    [MemberData(nameof(Nonsense))]
    public void What_cannot_be_used_is_left_out(string what, DiscoveryLogEntry entry)
    {
        output.WriteLine(what);
        Assert.False(DiscoveryEntryReader.TryRead(entry, out _));
    }

    [Fact]
    public void Garbage_never_throws_and_what_is_kept_is_valid_and_bounded()
    {
        var seed = Environment.TickCount;
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var limits = new NvmeReferralLimits { Paths = 5, Controllers = 3 };
        for (var round = 0; round < 300; round++)
        {
            var entries = Enumerable.Range(0, random.Next(50)).Select(_ => Damaged(random)).ToArray();
            var summary = DiscoverySummary.Of(new NvmeDiscoveryLog(1, entries), limits);
            Assert.True(summary.Paths.Count <= limits.Paths && summary.Referrals.Count <= limits.Controllers);
            Assert.True(summary.Skipped <= entries.Length);
            foreach (var path in summary.Paths.Concat(summary.Referrals))
            {
                Assert.True(Nqn.IsValid(path.SubsystemNqn));
                Assert.True(path.EndPoint is IPEndPoint { Port: > 0 } or RdmaEndPoint { IPEndPoint.Port: > 0 });
            }
        }
    }

    [Fact]
    public void An_entry_that_comes_twice_counts_once()
    {
        var summary = DiscoverySummary.Of(new NvmeDiscoveryLog(1, [NewEntry(), NewEntry(), NewEntry(subtype: DiscoverySubtype.CurrentDiscovery)]), new NvmeReferralLimits { Paths = 1 });
        Assert.Single(summary.Paths);
        Assert.Empty(summary.Referrals);
        Assert.Equal(0, summary.Skipped);
    }

    private static DiscoveryLogEntry Damaged(Random random)
    {
        var entry = NewEntry(
            address: $"192.0.2.{random.Next(256)}",
            service: random.Next(70_000).ToString(System.Globalization.CultureInfo.InvariantCulture),
            subtype: (DiscoverySubtype)random.Next(5));
        var bytes = MemoryMarshal.AsBytes(new Span<DiscoveryLogEntry>(ref entry));
        for (var i = random.Next(4); i > 0; i--)
        {
            bytes[new[] { 0, 1, 2, 3, 32, 34, 256, 262, 512, 514, random.Next(1024) }[random.Next(11)]] = (byte)random.Next(256);
        }

        if (random.Next(10) == 0)
        {
            random.NextBytes(bytes);
        }

        return entry;
    }

    private static DiscoveryLogEntry Filled(DiscoveryLogEntry entry, int offset, int count, byte value)
    {
        MemoryMarshal.AsBytes(new Span<DiscoveryLogEntry>(ref entry)).Slice(offset, count).Fill(value);
        return entry;
    }

    private static DiscoveryLogEntry NewEntry(
        string nqn = "nqn.2026-11.test:disk",
        string address = "192.0.2.1",
        string service = "4420",
        FabricsTransportType type = FabricsTransportType.Tcp,
        FabricsAddressFamily family = FabricsAddressFamily.IPv4,
        DiscoverySubtype subtype = DiscoverySubtype.NvmSubsystem,
        TransportRequirements requirements = TransportRequirements.NotSpecified)
    {
        var entry = new DiscoveryLogEntry { TransportType = type, AddressFamily = family, Subtype = subtype, Requirements = requirements };
        entry.SubsystemNqn.Set(nqn);
        entry.TransportAddress.Set(address);
        entry.TransportServiceId.Set(service);
        return entry;
    }
}
