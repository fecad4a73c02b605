using System.Diagnostics;
using System.Globalization;
using Nvmf.Initiator.Multipath;

namespace DiskCopy;

/// <summary>A progress bar, four times a second, with the throughput and the paths that are live; a line at the end.</summary>
internal sealed class Progress : IDisposable
{
    private const int Width = 30;

    private readonly string _what;
    private readonly long _total;
    private readonly NvmeSubsystemConnection _subsystem;
    private readonly Timer? _timer;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly int _associations;
    private long _done;

    public Progress(string what, long total, NvmeSubsystemConnection subsystem, bool quiet)
    {
        _what = what;
        _total = total;
        _subsystem = subsystem;
        _associations = subsystem.Paths.Sum(static path => path.Associations);
        var period = TimeSpan.FromMilliseconds(250);
        if (!quiet && !Console.IsOutputRedirected)
        {
            _timer = new Timer(_ => Show(), null, period, period);
        }
    }

    public void Add(long bytes) => Interlocked.Add(ref _done, bytes);

    public void Finish()
    {
        _timer?.Dispose();
        var seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        var again = _subsystem.Paths.Sum(static path => path.Associations) - _associations;
        var connections = again > 0 ? $", connected again {again} times" : "";
        var line = string.Create(CultureInfo.InvariantCulture, $"{_what}: {_done} bytes in {seconds:0.00} s, {_done / seconds / (1 << 20):0.0} MiB/s{connections}");
        // Long enough to cover the bar.
        Console.WriteLine(_timer is null ? line : "\r" + line.PadRight(Width + 50));
    }

    public void Dispose() => _timer?.Dispose();

    private void Show()
    {
        var done = Interlocked.Read(ref _done);
        var part = _total == 0 ? 1 : (double)done / _total;
        var filled = (int)(part * Width);
        var rate = done / Stopwatch.GetElapsedTime(_start).TotalSeconds / (1 << 20);
        var paths = _subsystem.Paths;
        var live = paths.Count(static path => path.State == NvmePathState.Live);
        Console.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"\r{_what} [{new string('#', filled)}{new string('.', Width - filled)}] {part,4:P0} {rate,7:0.0} MiB/s  {live}/{paths.Count} paths "));
    }
}
