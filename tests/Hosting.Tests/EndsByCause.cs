using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Nvmf.Hosting.Tests;

/// <summary>Listens to the drain reports of one host: "CAUSE STAGE" of each queue pair.</summary>
internal sealed class EndsByCause : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<string> _seen = [];

    public EndsByCause(IHost host)
    {
        IMeterFactory factory = host.Services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "nvmf.drain.duration" && instrument.Meter.Scope == factory)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((_, _, tags, _) => _seen.Enqueue($"{Tag(tags, "cause")} {Tag(tags, "stage")}"));
        _listener.Start();
    }

    public IReadOnlyCollection<string> Seen => _seen;

    public void Dispose() => _listener.Dispose();

    private static object? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            if (tag.Key == name)
            {
                return tag.Value;
            }
        }

        return null;
    }
}
