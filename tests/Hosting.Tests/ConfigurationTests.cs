using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Nvmf.Abstractions.Connections;
using Nvmf.Transport.Rdma;
using Nvmf.Transport.Tcp;

namespace Nvmf.Hosting.Tests;

public class ConfigurationTests
{
    [Fact]
    public void Everything_can_be_configured()
    {
        NvmeTransportOptions options = Bind("""
            { "Nvme": {
                "Listeners": [ "tcp://0.0.0.0:4420", "tcp://[::1]:4421" ], "Referrals": [ "tcp://192.0.2.7:8009" ],
                "Loops": 3, "Pin": true, "Spin": "00:00:00.000020", "ZeroCopy": "64KiB", "PoolLimit": "1GiB", "Poison": true,
                "Deadlines": { "Commands": "00:00:01", "Transmissions": "00:00:02", "Abort": "00:00:03" },
                "Subsystems": [ {
                    "Nqn": "nqn.2026-11.example:one", "SerialNumber": "S1", "ModelNumber": "M1", "Hosts": [ "nqn.2026-11.example:host" ],
                    "Namespaces": [ { "Disk": "mem:1MiB" }, { "Disk": "null:1GiB,block=4096", "Nsid": 7, "Uuid": "0f8fad5b-d9cb-469f-a165-70867728950e" } ]
                } ]
            } }
            """);

        Assert.Equal(["tcp://0.0.0.0:4420", "tcp://[::1]:4421"], options.Listeners);
        Assert.Equal(["tcp://192.0.2.7:8009"], options.Referrals);
        Assert.Equal((3, true, TimeSpan.FromMicroseconds(20)), (options.Loops, options.Pin, options.Spin));
        Assert.Equal(("64KiB", "1GiB", true), (options.ZeroCopy, options.PoolLimit, options.Poison));
        Assert.Equal([1, 2, 3], new[] { options.Deadlines.Commands, options.Deadlines.Transmissions, options.Deadlines.Abort }.Select(d => d.TotalSeconds));
        NvmeSubsystemOptions subsystem = Assert.Single(options.Subsystems);
        Assert.Equal(("nqn.2026-11.example:one", "S1", "M1"), (subsystem.Nqn, subsystem.SerialNumber, subsystem.ModelNumber));
        Assert.Equal(["nqn.2026-11.example:host"], subsystem.Hosts);
        Assert.Equal(["mem:1MiB", "null:1GiB,block=4096"], subsystem.Namespaces.Select(n => n.Disk));
        Assert.Equal([null, 7u], subsystem.Namespaces.Select(n => n.Nsid));
        Assert.Equal(new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"), subsystem.Namespaces[1].Uuid);
    }

    [Fact]
    public void Code_adds_to_configuration_and_wins()
    {
        NvmeTransportOptions options = Bind(
            """{ "Nvme": { "Loops": 3, "Listeners": [ "tcp://127.0.0.1:1" ], "Subsystems": [ { "Nqn": "nqn.2026-11.example:one", "Namespaces": [ { "Disk": "mem:1MiB" } ] } ] } }""",
            o =>
            {
                o.Loops = 4;
                o.Listen("tcp://127.0.0.1:2").AddSubsystem("nqn.2026-11.example:one", s => s.AddNamespace("mem:2MiB").AllowHost("nqn.2026-11.example:host"));
            });

        Assert.Equal(4, options.Loops);
        Assert.Equal(["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"], options.Listeners);
        NvmeSubsystemOptions subsystem = Assert.Single(options.Subsystems);
        Assert.Equal(["mem:1MiB", "mem:2MiB"], subsystem.Namespaces.Select(n => n.Disk));
        Assert.Equal(["nqn.2026-11.example:host"], subsystem.Hosts);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Loops_of_every_transport_are_pinned_or_none(bool pin)
    {
        await using ServiceProvider services = new ServiceCollection().AddNvmeTransport(o => o.Pin = pin).BuildServiceProvider();
        Assert.Equal(2, services.GetServices<IQueuePairListenerFactory>().Count());

        Assert.Equal(pin, services.GetRequiredService<IOptions<TcpTransportOptions>>().Value.LoopOptions.Processors is { Count: > 0 });
        Assert.Equal(pin, services.GetRequiredService<IOptions<RdmaTransportOptions>>().Value.LoopOptions.Processors is { Count: > 0 });
    }

    [Fact]
    public void A_host_without_configuration_has_the_defaults()
    {
        using ServiceProvider services = new ServiceCollection().AddNvmeTransport().BuildServiceProvider();
        NvmeTransportOptions options = services.GetRequiredService<IOptions<NvmeTransportOptions>>().Value;

        Assert.Empty(options.Listeners);
        Assert.Empty(options.Subsystems);
        Assert.Equal("auto", options.ZeroCopy);
    }

    [Theory]
    [InlineData("""{ "Listeners": [ "127.0.0.1" ] }""", "Nvme:Listeners:0: '127.0.0.1' is not an address: it does not begin with tcp:// or rdma://.")]
    [InlineData("""{ "Listeners": [ "tcp://[::1]", "tcp://[0:0::1]:4420" ] }""", "Nvme:Listeners:1: tcp://[::1]:4420 is listed twice.")]
    [InlineData("""{ "Referrals": [ "192.0.2.7" ] }""", "Nvme:Referrals:0: '192.0.2.7' is not an address: it does not begin with tcp:// or rdma://.")]
    [InlineData("""{ "Referrals": [ "tcp://disks.example:8009" ] }""", "Nvme:Referrals:0: tcp://disks.example:8009 is not an IP address and port that hosts can be referred to.")]
    [InlineData("""{ "Referrals": [ "tcp://0.0.0.0:8009" ] }""", "Nvme:Referrals:0: tcp://0.0.0.0:8009 is not an IP address and port that hosts can be referred to.")]
    [InlineData("""{ "Referrals": [ "tcp://192.0.2.7:8009", "tcp://192.0.2.7:8009" ] }""", "Nvme:Referrals:1: tcp://192.0.2.7:8009 is listed twice.")]
    [InlineData("""{ "Loops": 0 }""", "Nvme:Loops: 0 is not a number from 1 to 1024.")]
    [InlineData("""{ "Spin": "00:00:02" }""", "Nvme:Spin: 00:00:02 is not a time from 0 to 1 s.")]
    [InlineData("""{ "ZeroCopy": "sometimes" }""", "Nvme:ZeroCopy: 'sometimes' is not a zero-copy mode; write auto, always, never or a size from 1 byte to 2 GiB.")]
    [InlineData("""{ "PoolLimit": "1MiB" }""", "Nvme:PoolLimit: 1MiB is less than 16MiB.")]
    [InlineData("""{ "PoolLimit": "5TiB" }""", "Nvme:PoolLimit: 5TiB is more than 4TiB.")]
    [InlineData("""{ "PoolLimit": "lots" }""", "Nvme:PoolLimit: 'lots' is not a size; write a number and a unit, like 256MiB.")]
    [InlineData("""{ "Deadlines": { "Abort": "00:00:00" } }""", "Nvme:Deadlines:Abort: 00:00:00 is not a time of more than 0 and at most 1 h.")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "disk" } ] }""", "Nvme:Subsystems:0:Nqn: The NVMe qualified name 'disk' does not start with 'nqn.' and a naming authority.")]
    [InlineData("""{ "Subsystems": [ { "Namespaces": [] } ] }""", "Nvme:Subsystems:0:Nqn: The NVMe qualified name is empty.")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.2014-08.org.nvmexpress.discovery" } ] }""", "Nvme:Subsystems:0:Nqn: 'nqn.2014-08.org.nvmexpress.discovery' is the discovery subsystem, which is always served.")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1" }, { "Nqn": "nqn.a:1" } ] }""", "Nvme:Subsystems:1:Nqn: There are two subsystems nqn.a:1.")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "SerialNumber": "ä" } ] }""", "Nvme:Subsystems:0:SerialNumber: 'ä' is not 1 to 20 printable ASCII characters.")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "Hosts": [ "me" ] } ] }""", "Nvme:Subsystems:0:Hosts:0: The NVMe qualified name 'me' does not start with 'nqn.' and a naming authority.")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "Namespaces": [ { "Nsid": 1 } ] } ] }""", "Nvme:Subsystems:0:Namespaces:0:Disk: '' is not a disk; write mem:SIZE, file:PATH or null:SIZE.")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "Namespaces": [ { "Disk": "mem:1M", "Nsid": 0 } ] } ] }""", "Nvme:Subsystems:0:Namespaces:0:Nsid: 0 is not a number from 1 to 1024.")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "Namespaces": [ { "Disk": "mem:1M", "Nsid": 2 }, { "Disk": "mem:1M", "Nsid": 2 } ] } ] }""", "Nvme:Subsystems:0:Namespaces:1:Nsid: There are two namespaces 2.")]
    public void A_mistake_gets_one_sentence_with_its_place(string section, string sentence)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind($$"""{ "Nvme": {{section}} }"""));
        Assert.Equal([sentence], error.Failures);
    }

    [Theory]
    [InlineData("""{ "Listners": [ "tcp://127.0.0.1" ] }""", "has keys that mean nothing there: 'Listners'.")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "AllowedHosts": [ "nqn.a:h" ] } ] }""", "has keys that mean nothing there: 'AllowedHosts'.")]
    public void A_key_or_a_value_that_means_nothing_is_named(string section, string mistake)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind($$"""{ "Nvme": {{section}} }"""));
        Assert.Equal([$"The configuration section 'Nvme' {mistake}"], error.Failures);
    }

    [Theory]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "Hosts": "nqn.a:h" } ] }""", "Nvme:Subsystems:0:Hosts")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "Namespaces": "mem:1MiB" } ] }""", "Nvme:Subsystems:0:Namespaces")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "Namespaces": [ "mem:1MiB" ] } ] }""", "Nvme:Subsystems:0:Namespaces:0")]
    [InlineData("""{ "Subsystems": [ "nqn.a:1" ] }""", "Nvme:Subsystems:0")]
    [InlineData("""{ "subsystems": "nqn.a:1" }""", "Nvme:subsystems")]
    [InlineData("""{ "Listeners": "tcp://127.0.0.1" }""", "Nvme:Listeners")]
    [InlineData("""{ "Referrals": "tcp://127.0.0.1" }""", "Nvme:Referrals")]
    [InlineData("""{ "Deadlines": "00:00:05" }""", "Nvme:Deadlines")]
    [InlineData("""{ "Relays": [ { "Listen": "tcp://127.0.0.1:1", "Upstreams": "tcp://127.0.0.1:2" } ] }""", "Nvme:Relays:0:Upstreams")]
    [InlineData("\"tcp://127.0.0.1\"", "Nvme")]
    public void One_value_in_the_place_of_several_is_a_mistake_and_not_nothing(string section, string place)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind($$"""{ "Nvme": {{section}} }"""));
        Assert.Equal([$"The configuration section '{place}' is one value where several belong."], error.Failures);
    }

    [Theory]
    [InlineData("""{ "Subsystems": [ null ] }""")]
    [InlineData("""{ "Subsystems": [ { "Nqn": null } ] }""")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "Hosts": [ null ] } ] }""")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "Namespaces": [ null ] } ] }""")]
    [InlineData("""{ "Subsystems": [ { "Nqn": "nqn.a:1", "HostSecrets": [ null ] } ] }""")]
    [InlineData("""{ "Listeners": [ null ] }""")]
    [InlineData("""{ "Relays": [ null ] }""")]
    [InlineData("""{ "Relays": [ { "Listen": null, "Upstreams": [ null ] } ] }""")]
    [InlineData("""{ "PoolLimit": null }""")]
    [InlineData("""{ "ZeroCopy": null }""")]
    public void Null_is_a_mistake_with_its_place(string section)
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind($$"""{ "Nvme": {{section}} }"""));
        Assert.All(error.Failures, failure => Assert.StartsWith("Nvme:", failure, StringComparison.Ordinal));
    }

    [Fact]
    public void Empty_lists_are_lists() =>
        Assert.Empty(Bind("""{ "Nvme": { "Listeners": [], "Relays": [], "Deadlines": {}, "Subsystems": [ { "Nqn": "nqn.a:1", "Hosts": [], "Namespaces": [] } ] } }""").Listeners);

    [Fact]
    public void A_value_of_the_wrong_type_is_named()
    {
        var error = Assert.Throws<OptionsValidationException>(() => Bind("""{ "Nvme": { "Loops": "many" } }"""));
        string sentence = Assert.Single(error.Failures);
        Assert.StartsWith("The configuration section 'Nvme' cannot be used: ", sentence, StringComparison.Ordinal);
        Assert.Contains("Nvme:Loops", sentence, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_mistake_is_reported_at_once()
    {
        var error = Assert.Throws<OptionsValidationException>(
            () => Bind("""{ "Nvme": { "Loops": -1, "Listeners": [ "x" ], "Subsystems": [ { "Nqn": "y" } ] } }"""));
        Assert.Equal(3, error.Failures.Count());
    }

    [Fact]
    public void The_loops_of_ordinary_end_points_let_others_go_first_and_those_of_the_target_do_not()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseNvmeTransport();
        using ServiceProvider services = builder.Services.BuildServiceProvider();
        var options = services.GetRequiredService<IOptionsMonitor<TcpTransportOptions>>();
        Assert.True(options.Get(ListenOptionsTcpTransportExtensions.TcpTransportOptionsName).LoopOptions.YieldWhenBusy);
        Assert.False(options.CurrentValue.LoopOptions.YieldWhenBusy);
    }

    [Fact]
    public void Adding_twice_adds_one_of_everything()
    {
        IServiceCollection once = new ServiceCollection().AddNvmeTransport();
        int count = once.Count;
        once.AddNvmeTransport();

        Assert.DoesNotContain(once.Skip(count), d => d.ToString().Contains("Nvm", StringComparison.Ordinal));
    }

    private static NvmeTransportOptions Bind(string json, Action<NvmeTransportOptions>? configure = null)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build();
        using ServiceProvider services = new ServiceCollection().AddSingleton(configuration).AddNvmeTransport(configure).BuildServiceProvider();
        return services.GetRequiredService<IOptions<NvmeTransportOptions>>().Value;
    }
}
