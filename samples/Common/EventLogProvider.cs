using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Nvmf.Samples;

/// <summary>Prints log messages as one line each: the time, the level when it is not information, and the message.</summary>
internal sealed class EventLogProvider(TextWriter output) : ILoggerProvider
{
    private readonly Lock _lock = new();
    private volatile bool _showsEvents;

    /// <summary>From here on events are printed too; before, what the start does is said better by a banner.</summary>
    public void ShowEvents() => _showsEvents = true;

    public ILogger CreateLogger(string categoryName) => new EventLogger(this);

    /// <summary>Prints what is no event. Like events, it is lost where there is no room for it: a full disk behind the output is no reason to end a target.</summary>
    public void Print(string text)
    {
        lock (_lock)
        {
            try
            {
                output.Write(text);
                output.Flush();
            }
            catch (IOException)
            {
            }
        }
    }

    public void Dispose()
    {
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
