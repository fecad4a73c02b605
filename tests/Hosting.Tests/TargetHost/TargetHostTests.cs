using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Nvmf.Initiator;

namespace Nvmf.Hosting.Tests.TargetHost;

public class TargetHostTests
{
    private const string DefaultNqn = "nqn.2026-11.dev.nvmf:disk";
    private const string AnyPort = "tcp://127.0.0.1:0";

    [SkippableFact]
    public async Task Without_arguments_it_serves_256_mib_on_the_default_port_and_says_how_to_connect()
    {
        Skip.IfNot(IsFree(4420), "port 4420 is in use by another program");
        await using TargetHostProcess host = await TargetHostProcess.StartAsync();

        Assert.Contains("  nvme connect -t tcp -a 127.0.0.1 -s 4420 -n nqn.2026-11.dev.nvmf:disk", host.Output);
        Assert.Contains("  nvme discover -t tcp -a 127.0.0.1 -s 4420", host.Output);
        await using (var initiator = new TestInitiator())
        {
            NvmeController controller = await initiator.ConnectAsync("tcp://127.0.0.1:4420", DefaultNqn);
            NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
            Assert.Equal(256L << 20, (long)disk.BlockCount * disk.BlockSize);
        }

        host.Signal(TargetHostProcess.Terminate);
        Assert.Equal(0, await host.ExitAsync());
    }

    [Theory]
    [InlineData(TargetHostProcess.Terminate)]
    [InlineData(TargetHostProcess.Interrupt)]
    public async Task A_signal_drains_promptly_with_a_host_connected_and_commands_in_flight(int signal)
    {
        await using TargetHostProcess host = await TargetHostProcess.StartAsync("--listen", AnyPort, "--disk", "mem:16MiB,delay=20ms", "--poison");
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(host.Address, DefaultNqn);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        Task[] writes = [.. Enumerable.Range(0, 8).Select(i => disk.WriteAsync((ulong)i * 8, new byte[4096]).AsTask())];

        long start = Stopwatch.GetTimestamp();
        host.Signal(signal);

        Assert.Equal(0, await host.ExitAsync());
        // The stages' deadlines are 20 s together; nothing here should need one.
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(15), $"{Stopwatch.GetElapsedTime(start)}");
        await controller.Ended.WaitAsync(Wait.Deadline);
        await Task.WhenAll(writes).WaitAsync(Wait.Deadline).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    [Fact]
    public async Task A_second_interrupt_ends_it_at_once()
    {
        // T1 lets a command finish that takes a minute for up to 5 s.
        await using TargetHostProcess host = await TargetHostProcess.StartAsync("--listen", AnyPort, "--disk", "mem:16MiB,delay=60000ms");
        await using var initiator = new TestInitiator();
        NvmeController controller = await initiator.ConnectAsync(host.Address, DefaultNqn);
        NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
        Task write = disk.WriteAsync(0, new byte[4096]).AsTask();

        host.Signal(TargetHostProcess.Interrupt);
        await host.WaitForLineAsync("Draining. Ctrl-C again exits at once.");
        host.Signal(TargetHostProcess.Interrupt);

        Assert.Equal(130, await host.ExitAsync());
        await controller.Ended.WaitAsync(Wait.Deadline);
        await Assert.ThrowsAnyAsync<Exception>(() => write.WaitAsync(Wait.Deadline));
    }

    [Fact]
    public async Task Connects_and_disconnects_are_printed_in_one_line_each()
    {
        await using TargetHostProcess host = await TargetHostProcess.StartAsync("--listen", AnyPort);
        await using (var initiator = new TestInitiator())
        {
            await initiator.ConnectAsync(host.Address, DefaultNqn, new Guid("00000000-0000-4000-8000-00000000abcd"));
            await host.WaitForLineAsync("00000000-0000-4000-8000-00000000abcd");
        }

        host.Signal(TargetHostProcess.Terminate);
        Assert.Equal(0, await host.ExitAsync());
        Assert.DoesNotContain(host.Output, l => l.StartsWith("   at ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--listen: 'here' is not an address: it does not begin with tcp:// or rdma://.", "--listen", "here")]
    [InlineData("--disk: 'floppy:1M' is not a disk: there is no kind 'floppy'; write mem:SIZE, file:PATH or null:SIZE.", "--disk", "floppy:1M")]
    [InlineData("--http: '8080' is not an address for HTTP; write it like 127.0.0.1:8080.", "--http", "8080")]
    [InlineData("Unrecognized command or argument '--lisen'.", "--lisen", "tcp://127.0.0.1")]
    public async Task A_wrong_option_gets_one_sentence(string sentence, params string[] arguments)
    {
        (int exitCode, string output, string error) = await TargetHostProcess.RunAsync(arguments);
        Assert.Equal((2, "", sentence + "\n"), (exitCode, output, error));
    }

    [Fact]
    public async Task A_busy_port_gets_one_sentence()
    {
        using var squatter = new TcpListener(IPAddress.Loopback, 0);
        squatter.Start();
        int port = ((IPEndPoint)squatter.LocalEndpoint).Port;

        await FailsAsync($"Cannot listen on tcp://127.0.0.1:{port}: the port is in use.", "--listen", $"tcp://127.0.0.1:{port}");
        (int exitCode, _, string error) = await TargetHostProcess.RunAsync("--listen", AnyPort, "--http", $"127.0.0.1:{port}");
        Assert.Equal((1, 1), (exitCode, error.Count(c => c == '\n')));
        Assert.Contains($"127.0.0.1:{port}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_another_machine_gets_one_sentence() => await FailsAsync(
        "Cannot listen on tcp://192.0.2.1:4420: 192.0.2.1 is not an address of this machine.", "--listen", "tcp://192.0.2.1");

    [Fact]
    public async Task A_mistake_that_only_the_target_finds_gets_one_sentence_without_a_place()
    {
        await FailsAsync("tcp://127.0.0.1:4420 is listed twice.", "--listen", "tcp://127.0.0.1", "--listen", "tcp://127.0.0.1:4420");
        await FailsAsync("1MiB is less than 16MiB.", "--listen", AnyPort, "--pool", "1MiB");
        await FailsAsync("5TiB is more than 4TiB.", "--listen", AnyPort, "--pool", "5TiB");
        await FailsAsync("Cannot serve HTTP on 192.0.2.1:80: Cannot assign requested address.", "--listen", AnyPort, "--http", "192.0.2.1:80");
    }

    [Theory]
    [InlineData("/no/such/directory/disk.img")]
    [InlineData("/,size=1MiB")]
    public async Task A_file_that_cannot_be_had_gets_one_sentence(string file)
    {
        (int exitCode, _, string error) = await TargetHostProcess.RunAsync("--listen", AnyPort, "--disk", "file:" + file);
        Assert.Equal((1, 1), (exitCode, error.Count(c => c == '\n')));
        Assert.Contains(file.Split(',')[0], error, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_use_by_another_target_gets_one_sentence()
    {
        string path = Path.Combine(Path.GetTempPath(), $"nvmf-{Guid.NewGuid():N}.img");
        try
        {
            await using TargetHostProcess first = await TargetHostProcess.StartAsync("--listen", AnyPort, "--disk", $"file:{path},size=1MiB");
            (int exitCode, _, string error) = await TargetHostProcess.RunAsync("--listen", AnyPort, "--disk", $"file:{path}");
            Assert.Equal((1, 1), (exitCode, error.Count(c => c == '\n')));
            Assert.Contains(path, error, StringComparison.Ordinal);
            Assert.DoesNotContain("Exception", error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [SkippableFact]
    public async Task A_full_disk_behind_its_output_costs_the_lines_and_nothing_else()
    {
        Skip.IfNot(File.Exists("/dev/full"), "this system has no /dev/full");
        int port = GenericHostTests.FreePort();
        await using TargetHostProcess host = TargetHostProcess.StartInShell("exec \"$0\" \"$@\" >/dev/full 2>/dev/full", null, "--listen", $"tcp://127.0.0.1:{port}", "--verbose");
        await Wait.UntilAsync(() => host.HasExited || !IsFree(port), "the listener");
        Assert.False(host.HasExited, host.Error);
        await using (var initiator = new TestInitiator())
        {
            await initiator.ConnectAsync($"tcp://127.0.0.1:{port}", DefaultNqn);
        }

        host.Signal(TargetHostProcess.Interrupt);
        Assert.Equal(0, await host.ExitAsync());
    }

    [SkippableFact]
    public async Task An_output_that_nobody_reads_holds_up_no_host()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs a FIFO");
        using var pipe = new TemporaryFile();
        int port = GenericHostTests.FreePort();
        await using TargetHostProcess host = TargetHostProcess.StartInShell(
            $"mkfifo {pipe.Path} && sleep 60 <{pipe.Path} >/dev/null 2>&1 & until [ -p {pipe.Path} ]; do :; done; exec \"$0\" \"$@\" >{pipe.Path}", null, "--listen", $"tcp://127.0.0.1:{port}", "--verbose");
        await Wait.UntilAsync(() => host.HasExited || !IsFree(port), "the listener");

        // Some twenty lines each: more than the pipe holds.
        for (int i = 0; i < 100; i++)
        {
            await using var initiator = new TestInitiator();
            await initiator.ConnectAsync($"tcp://127.0.0.1:{port}", DefaultNqn);
        }

        host.Signal(TargetHostProcess.Terminate);
        Assert.Equal(0, await host.ExitAsync());
    }

    [SkippableFact]
    public async Task A_limit_on_the_size_of_files_is_an_error_and_no_end()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "needs the signals of Linux");
        using var image = new TemporaryFile();

        // The runtime's own memory must not be a file of that size.
        await using TargetHostProcess host = TargetHostProcess.StartInShell(
            "ulimit -f 2048; DOTNET_EnableWriteXorExecute=0 exec \"$0\" \"$@\"", null, "--listen", AnyPort, "--disk", $"file:{image.Path},size=1GiB");
        Assert.Equal(1, await host.ExitAsync());
        Assert.Equal($"The disk image '{image.Path}' cannot be made 1073741824 bytes long: File too large.\n", host.Error);
    }

    [Theory]
    [InlineData]
    [InlineData("--http")]
    public async Task What_lies_about_in_the_current_directory_means_nothing(params string[] http)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("nvmf-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "appsettings.json"), "{ no JSON");
            string[] arguments = ["--listen", AnyPort, .. http.SelectMany(o => new[] { o, "127.0.0.1:0" })];
            await using TargetHostProcess host = TargetHostProcess.StartInShell("exec \"$0\" \"$@\"", folder.FullName, arguments);
            await Wait.UntilAsync(() => host.HasExited || host.Output.Contains("Ctrl-C drains and ends."), "the start");
            Assert.Equal("", host.Error);
            host.Signal(TargetHostProcess.Terminate);
            Assert.Equal(0, await host.ExitAsync());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_free_port_for_http_is_named()
    {
        await using TargetHostProcess host = await TargetHostProcess.StartAsync("--listen", AnyPort, "--http", "127.0.0.1:0");
        (int status, _) = await host.SendAsync("GET", "/health");
        Assert.Equal(200, status);
    }

    [Fact]
    public async Task A_file_keeps_its_data_and_its_identity_over_a_restart()
    {
        string path = Path.Combine(Path.GetTempPath(), $"nvmf-{Guid.NewGuid():N}.img");
        byte[] written = RandomNumberGenerator.GetBytes(1 << 20);
        var identities = new List<byte[]>();
        try
        {
            for (int run = 0; run < 2; run++)
            {
                await using TargetHostProcess host = await TargetHostProcess.StartAsync("--listen", AnyPort, "--disk", $"file:{path},size=4MiB,block=4096");
                await using (var initiator = new TestInitiator())
                {
                    NvmeController controller = await initiator.ConnectAsync(host.Address, DefaultNqn);
                    identities.Add(await controller.GetNamespaceDescriptorsAsync(1));
                    NvmeNamespace disk = await controller.OpenNamespaceAsync(1);
                    byte[] read = new byte[written.Length];
                    if (run == 0)
                    {
                        await disk.WriteAsync(17, written);
                    }

                    await disk.ReadAsync(17, read);
                    Assert.Equal(written, read);
                }

                host.Signal(TargetHostProcess.Terminate);
                Assert.Equal(0, await host.ExitAsync());
            }

            Assert.Equal(identities[0], identities[1]);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Version_and_help_go_to_standard_output()
    {
        (int exitCode, string output, string error) = await TargetHostProcess.RunAsync("--version");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(@"^\d+\.\d+\.\d+", output);
        (exitCode, output, error) = await TargetHostProcess.RunAsync("--help");
        Assert.Equal((0, ""), (exitCode, error));
        foreach (string option in new[] { "--listen", "--disk", "--nqn", "--loops", "--pin", "--spin", "--zero-copy", "--http" })
        {
            Assert.Contains($"  {option} ", output, StringComparison.Ordinal);
        }
    }

    private static async Task FailsAsync(string sentence, params string[] arguments)
    {
        (int exitCode, _, string error) = await TargetHostProcess.RunAsync(arguments);
        Assert.Equal((1, sentence + "\n"), (exitCode, error));
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
