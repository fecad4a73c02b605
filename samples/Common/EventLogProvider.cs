using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Nvmf.Samples;

/// <summary>Prints log messages as one line each: the time, the level when it is not information, and the message.</summary>
/// <remarks>
/// On a thread of its own: messages come from event loops, and an output that nobody reads (a paused terminal, a pipe) must not hold up the hosts. Nor must a full
/// disk behind it end anything. What cannot be printed is lost, and counted.
/// </remarks>
internal sealed class EventLogProvider : ILoggerProvider
{
    private const int MaxWaiting = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Channel<string> _texts = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Thread _printing;
    private readonly TextWriter _output;
    private long _lost;
    private volatile bool _showsEvents;

    public EventLogProvider(TextWriter output)
    {
        _output = output;
        _printing = new Thread(PrintAll) { IsBackground = true, Name = "output" };
        _printing.Start();
    }

    /// <summary>From here on events are printed too; before, what the start does is said better by a banner.</summary>
    public void ShowEvents() => _showsEvents = true;

    /// <summary>Prints what is no event. Never blocks.</summary>
    public void Print(string text)
    {
        if (!_texts.Writer.TryWrite(text))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Waits until everything is printed, but not for ever.</summary>
    public void Complete()
    {
        _texts.Writer.TryComplete();
        _printing.Join(Patience);
    }

    public ILogger CreateLogger(string categoryName) => new EventLogger(this);

    public void Dispose() => Complete();

    private void PrintAll()
    {
        while (_texts.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_texts.Reader.TryRead(out string? text))
            {
                Print(text, Interlocked.Exchange(ref _lost, 0));
            }
        }
    }

    private void Print(string text, long lost)
    {
        try
        {
            _output.Write(text);
            if (lost > 0)
            {
                _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{lost} messages are missing here: the output did not take them."));
            }

            _output.Flush();
        }
        catch (IOException)
        {
            Interlocked.Add(ref _lost, lost + 1);
        }
    }

    private void Write(LogLevel level, string message, Exception? error)
    {
        string label = level switch
        {
            LogLevel.Information => "",
            LogLevel.Trace or LogLevel.Debug => "debug: ",
            LogLevel.Warning => "warning: ",
            _ => "error: ",
        };
        string cause = error is null ? "" : $" ({error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")})";
        Print(string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss.fff} {label}{message}{cause}{Environment.NewLine}"));
    }

    private sealed class EventLogger(EventLogProvider provider) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && (logLevel != LogLevel.Information || provider._showsEvents);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                provider.Write(logLevel, formatter(state, exception), exception);
            }
        }
    }
}
