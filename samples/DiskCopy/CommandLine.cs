using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Nvmf.Abstractions.Connections;
using Nvmf.Initiator;

namespace DiskCopy;

/// <summary>The commands and options of the tool.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var file = new Argument<FileInfo>("file") { Description = "Image file" };
        var paths = new Argument<FabricsAddress[]>("address")
        {
            Description = "Where the subsystem is: tcp://ADDRESS[:PORT] or rdma://ADDRESS[:PORT]; several are several paths",
            Arity = ArgumentArity.OneOrMore,
            CustomParser = ParseAddresses,
        };
        var nqn = new Option<string?>("--nqn") { Description = "Subsystem; default: the only one that discovery finds" };
        var nsid = new Option<uint>("--namespace") { Description = "Namespace identifier", DefaultValueFactory = _ => 1 };
        var depth = new Option<int>("--depth") { Description = "Chunks of up to 1 MiB in flight, 1 to 64", DefaultValueFactory = _ => 8, CustomParser = ParseDepth };
        var verify = new Option<bool>("--verify") { Description = "Read everything again and compare it with the file" };
        var quiet = new Option<bool>("--quiet") { Description = "No progress bar" };
        var hostNqn = new Option<string?>("--hostnqn") { Description = "Name of this host; default: one of its own. Secrets belong to a name" };
        var secret = new Option<string?>("--dhchap-secret")
        {
            HelpName = "file:PATH | env:NAME | DHHC-1:0x:...:",
            Description = "Secret of this host (DH-HMAC-CHAP); one that is given as it is can be seen by other users of this machine",
        };
        var controllerSecret = new Option<string?>("--dhchap-ctrl-secret")
        {
            HelpName = "file:PATH | env:NAME | DHHC-1:0x:...:",
            Description = "Secret of the controller: one that does not prove that it has it is not connected. Needs --dhchap-secret",
        };

        Command New(string name, string description, bool toDisk)
        {
            var command = new Command(name, description) { file, paths, nqn, nsid, depth, verify, quiet, hostNqn, secret, controllerSecret };
            command.SetAction((result, cancellationToken) => RunAsync(
                new CopyOptions(
                    result.GetRequiredValue(file),
                    result.GetRequiredValue(paths),
                    result.GetValue(nqn),
                    result.GetValue(nsid),
                    result.GetValue(depth),
                    result.GetValue(verify),
                    result.GetValue(quiet),
                    result.GetValue(hostNqn),
                    result.GetValue(secret),
                    result.GetValue(controllerSecret)),
                toDisk,
                cancellationToken));
            return command;
        }

        return new RootCommand("Copies an image file to an NVMe over Fabrics namespace and back. A connection that breaks is made again, and the copy goes on.")
        {
            New("put", "Copy a file to a namespace, which is overwritten", toDisk: true),
            New("get", "Copy a namespace to a file, which is overwritten", toDisk: false),
        };
    }

    private static async Task<int> RunAsync(CopyOptions options, bool toDisk, CancellationToken cancellationToken)
    {
        try
        {
            return await new CopySession(options, toDisk).RunAsync(cancellationToken) ? 0 : 2;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Console.Error.WriteLine("Interrupted: the copy is not complete.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException or NotSupportedException or ArgumentException or TimeoutException)
        {
            Console.Error.WriteLine(e.Message);
            if (e is NvmeConnectionException { InnerException: { } inner } && !e.Message.Contains(inner.Message, StringComparison.Ordinal))
            {
                Console.Error.WriteLine(inner.Message);
            }
        }

        return 1;
    }

    private static int ParseDepth(ArgumentResult result)
    {
        if (int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out var depth) && depth is >= 1 and <= 64)
        {
            return depth;
        }

        result.AddError("--depth must be a number from 1 to 64.");
        return 0;
    }

    private static FabricsAddress[] ParseAddresses(ArgumentResult result)
    {
        var addresses = new List<FabricsAddress>();
        foreach (var token in result.Tokens)
        {
            try
            {
                addresses.Add(FabricsAddress.Parse(token.Value));
            }
            catch (FormatException e)
            {
                result.AddError(e.Message);
            }
        }

        return [.. addresses];
    }
}
