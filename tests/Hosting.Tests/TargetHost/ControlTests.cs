using System.Text.Json.Nodes;
using Nvmf.Abstractions.Connections;
using Nvmf.Initiator;

namespace Nvmf.Hosting.Tests.TargetHost;

/// <summary>The JSON of <c>--http</c>, from a real process.</summary>
public sealed class ControlTests(ControlHost fixture) : IClassFixture<ControlHost>
{
    private const string Nqn = "nqn.2026-11.dev.nvmf:disk";

    private readonly TargetHostProcess _host = fixture.Process;

    [Fact]
    public async Task Health_and_listeners_and_queue_pairs()
    {
        (int status, JsonNode? health) = await _host.SendAsync("GET", "/health");
        Assert.Equal((200, "Healthy", 1), (status, (string?)health!["status"], (int)health["data"]!["listeners"]!));

        await using var initiator = new TestInitiator();
        await initiator.ConnectAsync(_host.Address, Nqn, new Guid("00000000-0000-4000-8000-00000000abcd"));
        (_, JsonNode? listeners) = await _host.SendAsync("GET", "/listeners");
        Assert.Equal(_host.Address.ToString(), (string?)listeners![0]!["address"]);
        Assert.InRange((int)listeners[0]!["queuePairs"]!, 2, int.MaxValue);
        (_, JsonNode? queuePairs) = await _host.SendAsync("GET", "/queuepairs");
        JsonNode admin = queuePairs!.AsArray().Single(q => (int)q!["queue"]! == 0 && ((string)q["host"]!).EndsWith("abcd", StringComparison.Ordinal))!;
        Assert.Equal(
            ("Live", "Tcp", "None", "nqn.2014-08.org.nvmexpress:uuid:00000000-0000-4000-8000-00000000abcd", Nqn),
            ((string?)admin["state"], (string?)admin["transport"], (string?)admin["cause"], (string?)admin["host"], (string?)admin["subsystem"]));

        // The Async Event Request is outstanding all the time.
        Assert.Equal(1, (int)admin["references"]!["commands"]!);
    }

    [Fact]
    public async Task A_listener_comes_and_goes_with_its_drain_report()
    {
        (int status, JsonNode? added) = await _host.SendAsync("POST", "/listeners", """{"address":"tcp://127.0.0.1:0"}""");
        Assert.Equal(201, status);
        FabricsAddress address = FabricsAddress.Parse((string)added!["address"]!);
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(address, Nqn);
        NvmeController other = await initiator.ConnectAsync(_host.Address, Nqn);

        (status, JsonNode? drained) = await _host.SendAsync("DELETE", $"/listeners?address={address}&graceful=0.05");

        Assert.Equal((200, 2), (status, drained!["queuePairs"]!.AsArray().Count));
        Assert.All(drained["queuePairs"]!.AsArray(), r => Assert.Equal(("ListenerRemoved", 0), ((string?)r!["cause"], (int)r["quarantinedBytes"]!)));
        Assert.Equal(("ListenerRemoved", 2), ((string?)drained["totals"]![0]!["cause"], (int)drained["totals"]![0]!["queuePairs"]!));
        await controller.Ended.WaitAsync(Wait.Deadline);
        Assert.False(other.Ended.IsCompleted);
        (_, JsonNode? listeners) = await _host.SendAsync("GET", "/listeners");
        Assert.Single(listeners!.AsArray());
    }

    [Fact]
    public async Task Namespaces_are_added_resized_and_removed()
    {
        (int status, JsonNode? added) = await _host.SendAsync("POST", "/namespaces", $$"""{"nqn":"{{Nqn}}","disk":"mem:1MiB"}""");
        Assert.Equal((201, 2), (status, (int)added!["nsid"]!));
        Assert.Equal(204, (await _host.SendAsync("PATCH", "/namespaces", $$"""{"nqn":"{{Nqn}}","nsid":2,"size":"2MiB"}""")).Status);
        (_, JsonNode? subsystems) = await _host.SendAsync("GET", "/subsystems");
        Assert.Equal(2 << 20, (int)subsystems![0]!["namespaces"]![1]!["size"]!);
        Assert.Equal(204, (await _host.SendAsync("DELETE", $"/namespaces?nqn={Nqn}&nsid=2")).Status);
        Assert.Equal(404, (await _host.SendAsync("DELETE", $"/namespaces?nqn={Nqn}&nsid=2")).Status);
    }

    [Fact]
    public async Task Hosts_are_let_in_and_thrown_out()
    {
        var id = Guid.NewGuid();
        string host = Abstractions.Fabrics.Nqn.FromUuid(id);
        await using var initiator = new TestInitiator();
        Assert.Equal(204, (await _host.SendAsync("POST", "/hosts", $$"""{"nqn":"{{Nqn}}","host":"{{host}}"}""")).Status);
        Assert.Equal(200, (await _host.SendAsync("DELETE", $"/hosts?nqn={Nqn}&host=*")).Status);
        await Assert.ThrowsAsync<NvmeException>(() => initiator.ConnectAsync(_host.Address, Nqn, Guid.NewGuid()));
        NvmeController controller = await initiator.ConnectAsync(_host.Address, Nqn, id);

        (int status, JsonNode? drained) = await _host.SendAsync("DELETE", $"/hosts?nqn={Nqn}&host={host}");

        Assert.Equal((200, 2), (status, drained!["queuePairs"]!.AsArray().Count));
        await controller.Ended.WaitAsync(Wait.Deadline);
        Assert.Equal(204, (await _host.SendAsync("POST", "/hosts", $$"""{"nqn":"{{Nqn}}","host":"*"}""")).Status);
    }

    [Theory]
    [InlineData(400, "'x' is not an address: it does not begin with tcp:// or rdma://.", "POST", "/listeners", """{"address":"x"}""")]
    [InlineData(400, "'address' is missing.", "POST", "/listeners", "{}")]
    [InlineData(400, "'address' is missing.", "DELETE", "/listeners", null)]
    [InlineData(400, "'graceful' is not a number of seconds from 0 to 3600.", "DELETE", "/listeners?address=tcp://127.0.0.9&graceful=-1", null)]
    [InlineData(400, "'graceful' is not a number of seconds from 0 to 3600.", "DELETE", "/listeners?address=tcp://127.0.0.9&graceful=-Infinity", null)]
    [InlineData(400, "'graceful' is not a number of seconds from 0 to 3600.", "DELETE", "/listeners?address=tcp://127.0.0.9&graceful=NaN", null)]
    [InlineData(400, "A memory disk has at most 64TiB.", "PATCH", "/namespaces", """{"nqn":"nqn.2026-11.dev.nvmf:disk","nsid":1,"size":"65TiB"}""")]
    [InlineData(404, "There is no listener tcp://127.0.0.9:4420.", "DELETE", "/listeners?address=tcp://127.0.0.9", null)]
    [InlineData(404, "There is no subsystem nqn.a:b.", "POST", "/namespaces", """{"nqn":"nqn.a:b","disk":"mem:1MiB"}""")]
    [InlineData(400, "'nsid' is not a number.", "DELETE", "/namespaces?nsid=x", null)]
    [InlineData(400, "'mem' is not a disk; write mem:SIZE, file:PATH or null:SIZE.", "POST", "/namespaces", """{"nqn":"nqn.2026-11.dev.nvmf:disk","disk":"mem"}""")]
    public async Task A_mistake_gets_one_sentence(int expected, string sentence, string method, string path, string? body)
    {
        (int status, JsonNode? json) = await _host.SendAsync(method, path, body);
        Assert.Equal((expected, sentence), (status, (string?)json!["error"]));
    }

    [Fact]
    public async Task A_path_that_is_none_leaves_no_file_open()
    {
        using var image = new TemporaryFile();
        File.WriteAllBytes(image.Path, new byte[4096]);

        (int status, JsonNode? json) = await _host.SendAsync("POST", "/namespaces", $$"""{"nqn":"{{Nqn}}","disk":"file:{{image.Path}}\u0000"}""");

        Assert.Equal((400, $"'file:{image.Path}\0' is not a disk: there is a NUL in the path."), (status, (string?)json!["error"]));
        Assert.DoesNotContain(image.Path, Directory.GetFiles($"/proc/{_host.Id}/fd").Select(f => File.ResolveLinkTarget(f, false)?.FullName));
    }

    [Theory]
    [InlineData(400, """{"address":""", "application/json")]
    [InlineData(400, """{"adress":"tcp://127.0.0.1:0"}""", "application/json")]
    [InlineData(415, """{"address":"tcp://127.0.0.1:0"}""", "text/plain")]
    [InlineData(415, """{"address":"tcp://127.0.0.1:0"}""", "application/json; charset=nonsense")]
    public async Task A_body_that_is_not_the_right_json_changes_nothing(int expected, string body, string mediaType)
    {
        (int status, JsonNode? json) = await _host.SendAsync("POST", "/listeners", body, mediaType);
        Assert.Equal(expected, status);
        Assert.NotNull((string?)json!["error"]);
        (_, JsonNode? listeners) = await _host.SendAsync("GET", "/listeners");
        Assert.Single(listeners!.AsArray());
    }
}
