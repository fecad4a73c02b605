using System.Text.Json;
using Nvmf.Interop.Lab;
using Xunit.Abstractions;

namespace Nvmf.Interop.Tests;

public sealed class DiscoveryTests(LabFixture lab, ITestOutputHelper output) : LabTest(lab, output)
{
    private const string DiscoveryNqn = "nqn.2014-08.org.nvmexpress.discovery";

    [SkippableFact]
    public async Task Discover_lists_the_subsystem_and_where_to_reach_it()
    {
        await StartTargetAsync();
        JsonElement log = await JsonAsync($"nvme discover -t tcp -a 10.0.2.2 -s {Target.Port} -o json");

        JsonElement disk = Record(log, Target.Nqn);
        Assert.Equal("tcp", disk.GetProperty("trtype").GetString());
        Assert.Equal("ipv4", disk.GetProperty("adrfam").GetString());
        Assert.Equal("nvme subsystem", disk.GetProperty("subtype").GetString());
        Assert.Equal("127.0.0.1", disk.GetProperty("traddr").GetString());
        Assert.Equal($"{Target.Port}", disk.GetProperty("trsvcid").GetString());
        Assert.Equal("none", disk.GetProperty("sectype").GetString());
        Assert.Equal("not specified, sq flow control disable supported", disk.GetProperty("treq").GetString());
        foreach (JsonElement record in log.GetProperty("records").EnumerateArray().Where(r => Text(r, "subnqn") == DiscoveryNqn))
        {
            Assert.Equal("current discovery subsystem", Text(record, "subtype"));
        }

        Say($"nvme discover: {log.GetProperty("records").GetArrayLength()} records, generation {log.GetProperty("genctr")}");
    }

    [SkippableFact]
    public async Task The_generation_moves_when_a_listener_is_added()
    {
        await StartTargetAsync();
        string discover = $"nvme discover -t tcp -a 10.0.2.2 -s {Target.Port} -o json";
        JsonElement before = await JsonAsync(discover);
        int port = FreePort.Next();
        await Target.Control.AddListenerAsync($"tcp://127.0.0.1:{port}");
        JsonElement after = await JsonAsync(discover);

        Assert.NotEqual(before.GetProperty("genctr").GetInt64(), after.GetProperty("genctr").GetInt64());
        Assert.Contains(after.GetProperty("records").EnumerateArray(), r => Text(r, "subnqn") == Target.Nqn && Text(r, "trsvcid") == $"{port}");
        Say($"generation {before.GetProperty("genctr")} -> {after.GetProperty("genctr")}, the new port {port} is listed");
    }

    /// <summary>The log names 127.0.0.1, which in the guest is the guest: a relay there makes that address true.</summary>
    [SkippableFact]
    public async Task Connect_all_follows_the_discovery_log()
    {
        await StartTargetAsync();
        GuestStep relay = await Guest.StartAsync($"socat TCP-LISTEN:{Target.Port},bind=127.0.0.1,fork,reuseaddr TCP:10.0.2.2:{Target.Port}");
        await Guest.RunAsync($"listening() {{ ss -Hltn | grep -q ':{Target.Port} '; }}; within 60 listening");
        await Guest.RunAsync($"nvme connect-all -t tcp -a 127.0.0.1 -s {Target.Port}");
        string subsystems = await Guest.RunAsync("nvme list-subsys");
        Assert.Contains(Target.Nqn, subsystems, StringComparison.Ordinal);
        Assert.Matches($"traddr=127.0.0.1,trsvcid={Target.Port}.* live", subsystems);
        await Guest.RunAsync("nvme disconnect-all");
        await relay.KillAsync();
        Say("nvme connect-all connected to what nvme discover lists");
    }

    [SkippableFact]
    public async Task A_persistent_discovery_controller_stays()
    {
        await StartTargetAsync();
        await Guest.RunAsync($"nvme discover -t tcp -a 10.0.2.2 -s {Target.Port} --persistent --keep-alive-tmo=5");
        string found = await Guest.RunAsync("grep -l discovery /sys/class/nvme/*/cntrltype");
        string name = found.Trim().Split('/')[4];
        Assert.Equal("live", (await Guest.RunAsync($"cat /sys/class/nvme/{name}/state")).Trim());

        // Longer than the keep-alive time-out: it must be kept up by keep-alives alone.
        await Task.Delay(TimeSpan.FromSeconds(7));
        Assert.Equal("live", (await Guest.RunAsync($"cat /sys/class/nvme/{name}/state")).Trim());
        await Guest.RunAsync($"nvme disconnect -d {name}");
        Say($"discovery controller {name} was live after 7 s with a keep-alive time-out of 5 s");
    }

    private static JsonElement Record(JsonElement log, string nqn) =>
        log.GetProperty("records").EnumerateArray().Single(record => Text(record, "subnqn") == nqn);

    private static string? Text(JsonElement record, string name) => record.GetProperty(name).GetString();
}
