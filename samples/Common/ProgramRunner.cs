using System.CommandLine;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Nvmf.Hosting;

namespace Nvmf.Samples;

/// <summary>Runs a program from its command line to the end of its host; every failure is one sentence on standard error.</summary>
internal static class ProgramRunner
{
    /// <returns>The exit code.</returns>
    public static async Task<int> InvokeAsync(RootCommand command, string[] args)
    {
        ParseResult parsed = command.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            await Console.Error.WriteLineAsync(parsed.Errors[0].Message);
            return ExitCodes.WrongOption;
        }

        // Signals are the host's: it drains before it ends.
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false });
    }

    /// <summary>Runs a host from start to drain.</summary>
    /// <param name="options">What is asked for.</param>
    /// <param name="build">Makes the host.</param>
    /// <param name="banner">What is printed when it has started.</param>
    /// <param name="explain">The program's own sentence for an error, or null.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(
        ProgramOptions options, Func<IHost> build, Func<IServiceProvider, string> banner, Func<Exception, string?>? explain = null)
    {
        IHost? host = null;
        EventLogProvider? events = null;
        try
        {
            host = build();
            events = host.Services.GetRequiredService<EventLogProvider>();
            using PosixSignalRegistration interrupt = SecondInterrupt.Watch(events);
            await host.StartAsync();
            events.ShowEvents();
            events.Print(banner(host.Services));
            await host.WaitForShutdownAsync();
            return ExitCodes.Success;
        }
        catch (OperationCanceledException)
        {
            // A signal came during the start, or the drain ran into the host's limit and has been reported.
            return ExitCodes.Failed;
        }
        catch (Exception error)
        {
            Complain(options.Verbose ? error.ToString() : Sentence(error, options, explain));
            return ExitCodes.Failed;
        }
        finally
        {
            await DisposeAsync(host);
            events?.Complete();
        }
    }

    private static void Complain(string sentence)
    {
        try
        {
            Console.Error.WriteLine(sentence);
        }
        catch (IOException)
        {
            // There is no room for it; the exit code still says so.
        }
    }

    private static string Sentence(Exception error, ProgramOptions options, Func<Exception, string?>? explain) => error switch
    {
        OptionsValidationException validation => WithoutPath(validation.Failures.First()),
        AggregateException { InnerExceptions: [var inner, ..] } => Sentence(inner, options, explain),
        NvmeTargetException or IOException => error.Message,
        _ when explain?.Invoke(error) is { } sentence => sentence,

        // The listeners of the program itself say more than this, so it comes from the web server.
        SocketException => $"Cannot serve HTTP on {options.Http}: {error.Message}.",
        _ => $"An error that should not happen, {error.GetType().Name}: {error.Message} (--verbose shows where.)",
    };

    /// <summary>Takes off the place in a configuration file, which a command line does not have.</summary>
    private static string WithoutPath(string failure) => failure[(failure.IndexOf(": ", StringComparison.Ordinal) + 2)..];

    private static async Task DisposeAsync(IHost? host)
    {
        switch (host)
        {
            case IAsyncDisposable disposable:
                await disposable.DisposeAsync();
                break;
            default:
                host?.Dispose();
                break;
        }
    }
}
