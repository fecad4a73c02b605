using System.Text.Json.Nodes;
using Nvmf.Hosting.Tests.TargetHost;
using Nvmf.Initiator;

namespace Nvmf.Hosting.Tests.Relay;

/// <summary>samples/RelayHost as a process of its own.</summary>
public class RelayHostTests
{
    private const string AnyPort = "tcp://127.0.0.1:0";

    [Fact]
    public async Task It_relays_in_turn_passes_over_what_is_down_tells_its_status_and_drains()
    {
        await using TestTarget one = await TestTarget.StartAsync();
        await using TestTarget two = await TestTarget.StartAsync();
        string nobody = $"tcp://127.0.0.1:{GenericHostTests.FreePort()}";
        await using TargetHostProcess relay = await TargetHostProcess.StartSampleAsync(
            "RelayHost", "--listen", AnyPort, "--upstream", $"{one.Address}", "--upstream", nobody, "--upstream", $"{two.Address}",
            "--http", $"127.0.0.1:{GenericHostTests.FreePort()}");
        string line = relay.Output.Single(l => l.StartsWith("Relaying ", StringComparison.Ordinal));
        string address = line.Split(' ')[1];
        await using var initiator = new TestInitiator();
        for (int i = 0; i < 2; i++)
        {
            // All queues of a controller must reach the same target: one connection, and so one I/O queue at most, is all this can show.
            await initiator.DiscoverAsync(Nvmf.Abstractions.Connections.FabricsAddress.Parse(address));
        }

        (int code, JsonNode? status) = await relay.SendAsync("GET", "/status");
        Assert.Equal(200, code);
        JsonArray upstreams = status!["listeners"]![0]!["upstreams"]!.AsArray();
        Assert.Equal([true, false, true], upstreams.Select(u => (bool)u!["healthy"]!));
        Assert.Equal([1, 0, 1], upstreams.Select(u => (int)u!["connects"]!));
        Assert.Contains("refused", (string)upstreams[1]!["lastError"]!, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("Degraded", (string)(await relay.SendAsync("GET", "/health")).Json!["status"]!);

        NvmeController controller = await initiator.ConnectAsync(await AddAsync(relay, one), TestTarget.Nqn);
        relay.Signal(TargetHostProcess.Interrupt);
        Assert.Equal(0, await relay.ExitAsync());
        await controller.Ended.WaitAsync(Wait.Deadline);
    }

    [Fact]
    public async Task Its_mistakes_are_one_sentence()
    {
        (int code, _, string error) = await TargetHostProcess.RunSampleAsync("RelayHost", "--listen", AnyPort);
        Assert.Equal((2, 1), (code, error.Trim().Split('\n').Length));
        Assert.Contains("--upstream", error, StringComparison.Ordinal);

        (code, _, error) = await TargetHostProcess.RunSampleAsync("RelayHost", "--listen", AnyPort, "--upstream", "127.0.0.1");
        Assert.Equal((2, 1), (code, error.Trim().Split('\n').Length));

        (code, _, error) = await TargetHostProcess.RunSampleAsync("RelayHost", "--listen", AnyPort, "--upstream", "tcp://127.0.0.1:1", "--pipe-size", "1KiB");
        Assert.Equal((1, "--pipe-size: 1KiB is not a size from 4KiB to 1GiB.\n"), (code, error));

        (code, _, error) = await TargetHostProcess.RunSampleAsync("RelayHost", "--listen", "tcp://192.0.2.1:1", "--upstream", "tcp://127.0.0.1:1");
        Assert.Equal((1, "Cannot listen on tcp://192.0.2.1:1: 192.0.2.1 is not an address of this machine.\n"), (code, error));
    }

    private static async Task<string> AddAsync(TargetHostProcess relay, TestTarget target)
    {
        (int code, JsonNode? added) = await relay.SendAsync("POST", "/listeners", $$"""{"address": "{{AnyPort}}", "upstreams": ["{{target.Address}}"]}""");
        Assert.Equal(201, code);
        return (string)added!["address"]!;
    }
}
