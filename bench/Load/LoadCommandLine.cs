using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net.Sockets;
using Nvmf.Abstractions.Connections;
using Nvmf.Initiator.Multipath;

namespace Nvmf.Bench.Load;

/// <summary>The options of the tool.</summary>
internal static class LoadCommandLine
{
    public static RootCommand Create()
    {
        var target = new Option<FabricsAddress[]>("--target") { Description = "Where the target listens: tcp://ADDRESS[:PORT]; several times for several paths to one subsystem", Required = true, Arity = ArgumentArity.OneOrMore, CustomParser = ParseAddresses };
        var multipath = new Option<bool>("--multipath") { Description = "Use the multipath layer with one path, too" };
        var policy = new Option<NvmePathPolicy>("--policy") { Description = "Choice among equal paths: RoundRobin or LeastBusy" };
        var inline = new Option<bool>("--inline") { Description = "Multipath: continuations run on the event loop, not on the thread pool" };
        var nqn = new Option<string?>("--nqn") { Description = "Subsystem; default: the only one that discovery finds" };
        var nsid = new Option<uint?>("--namespace") { Description = "Namespace identifier; default: the first active one" };
        var pattern = new Option<AccessPattern>("--rw") { Description = "randread, randwrite, read, write or mixed (random, 70 % reads)", CustomParser = ParsePattern, DefaultValueFactory = _ => AccessPattern.RandRead };
        var size = new Option<long>("--size") { Description = "Bytes per command, for example 4KiB", CustomParser = ParseSize, DefaultValueFactory = _ => 4096 };
        var depth = new Option<int>("--depth") { Description = "Commands in flight per queue", DefaultValueFactory = _ => 32 };
        var queues = new Option<int>("--queues") { Description = "I/O queues", DefaultValueFactory = _ => 1 };
        var seconds = new Option<double>("--seconds") { Description = "Measured time", DefaultValueFactory = _ => 10 };
        var warmUp = new Option<double>("--warmup") { Description = "Seconds before that", DefaultValueFactory = _ => 1 };
        var verify = new Option<bool>("--verify") { Description = "Write stamped data and check what is read; OVERWRITES the namespace, whatever --rw says" };
        var span = new Option<long?>("--span") { Description = "Use only this much of the namespace, from its start", CustomParser = result => ParseSize(result) };
        var loops = new Option<int>("--loops") { Description = "Event loop threads", DefaultValueFactory = _ => 1 };
        var spin = new Option<double>("--spin") { Description = "Microseconds to poll before sleeping", DefaultValueFactory = _ => 0 };
        var headerDigest = new Option<bool>("--header-digest") { Description = "Use header digests" };
        var dataDigest = new Option<bool>("--data-digest") { Description = "Use data digests" };
        var noFlowControl = new Option<bool>("--no-flow-control") { Description = "Ask for SQ flow control to be switched off" };
        var pid = new Option<int?>("--target-pid") { Description = "Process whose CPU time to report; default: the one that listens, when local" };
        var seed = new Option<int?>("--seed") { Description = "Seed of the random numbers; default: a new one" };
        var command = new RootCommand("Load generator for NVMe over Fabrics targets.")
        {
            target, multipath, policy, inline, nqn, nsid, pattern, size, depth, queues, seconds, warmUp, verify, span, loops, spin, headerDigest, dataDigest, noFlowControl, pid, seed,
        };
        command.SetAction((result, cancellationToken) => RunAsync(
            () => new LoadOptions
            {
                Targets = result.GetRequiredValue(target),
                Multipath = result.GetValue(multipath) || result.GetRequiredValue(target).Length > 1,
                Policy = result.GetValue(policy),
                Inline = result.GetValue(inline),
                Nqn = result.GetValue(nqn),
                Namespace = result.GetValue(nsid),
                Pattern = result.GetValue(pattern),
                Size = (int)InRange(result.GetValue(size), 512, 64 << 20, "--size"),
                Depth = (int)InRange(result.GetValue(depth), 1, 1023, "--depth"),
                Queues = (int)InRange(result.GetValue(queues), 1, 1024, "--queues"),
                Duration = TimeSpan.FromSeconds(InRange(result.GetValue(seconds), 0.1, 1e6, "--seconds")),
                WarmUp = TimeSpan.FromSeconds(InRange(result.GetValue(warmUp), 0, 1e6, "--warmup")),
                Verify = result.GetValue(verify),
                Span = result.GetValue(span),
                Loops = (int)InRange(result.GetValue(loops), 1, 256, "--loops"),
                Spin = TimeSpan.FromMicroseconds(InRange(result.GetValue(spin), 0, 1e6, "--spin")),
                HeaderDigest = result.GetValue(headerDigest),
                DataDigest = result.GetValue(dataDigest),
                NoFlowControl = result.GetValue(noFlowControl),
                TargetPid = result.GetValue(pid),
                Seed = result.GetValue(seed) ?? Random.Shared.Next(),
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Func<LoadOptions> read, CancellationToken cancellationToken)
    {
        try
        {
            return await new LoadRun(read(), cancellationToken).ExecuteAsync() ? 0 : 2;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
        catch (SocketException e)
        {
            return Complain($"The target cannot be reached: {e.Message}.");
        }
        catch (Exception e) when (e is LoadException or IOException or TimeoutException or NotSupportedException or InvalidOperationException)
        {
            return Complain(e.Message);
        }
    }

    private static int Complain(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }

    private static double InRange(double value, double least, double most, string name) =>
        value >= least && value <= most ? value : throw new LoadException($"{name} must be between {least} and {most}.");

    private static FabricsAddress[] ParseAddresses(ArgumentResult result)
    {
        var addresses = new FabricsAddress[result.Tokens.Count];
        for (var i = 0; i < addresses.Length; i++)
        {
            if (!FabricsAddress.TryParse(result.Tokens[i].Value, out addresses[i]!, out var error))
            {
                result.AddError(error);
            }
        }

        return addresses;
    }

    private static long ParseSize(ArgumentResult result)
    {
        if (ByteSize.TryParse(result.Tokens[0].Value, out var bytes))
        {
            return bytes;
        }

        result.AddError($"'{result.Tokens[0].Value}' is not a size such as 4096, 4KiB or 1MiB.");
        return 0;
    }

    private static AccessPattern ParsePattern(ArgumentResult result)
    {
        if (!int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out _) && Enum.TryParse<AccessPattern>(result.Tokens[0].Value, ignoreCase: true, out var pattern))
        {
            return pattern;
        }

        result.AddError($"'{result.Tokens[0].Value}' is not one of randread, randwrite, read, write, mixed.");
        return default;
    }
}
