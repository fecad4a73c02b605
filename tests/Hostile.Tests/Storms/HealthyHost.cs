using System.Diagnostics;
using Nvmf.Hostile.Tests.Client;

namespace Nvmf.Hostile.Tests.Storms;

/// <summary>A host that reads and compares all the time, beside a storm.</summary>
internal sealed class HealthyHost
{
    private readonly HostileSession _admin;
    private readonly HostileSession _queue;
    private readonly Thread _thread;
    private volatile bool _stopping;
    private Exception? _error;

    public HealthyHost(World world)
    {
        _admin = new HostileSession(world, world.Open(), new Random(1)).Reach(Stage.Ready);
        _queue = new HostileSession(world, world.Open(), new Random(2)).Reach(Stage.InputOutput, _admin.ControllerId, 1);
        _queue.WriteReservedBlocks();
        _thread = new Thread(Run);
        _thread.Start();
    }

    public ushort ControllerId => _admin.ControllerId;

    public int Reads { get; private set; }

    public TimeSpan Longest { get; private set; }

    /// <summary>Queue pairs it has.</summary>
    public static int QueuePairs => 2;

    /// <summary>Throws what went wrong, if anything did.</summary>
    public void Stop(TimeSpan limit)
    {
        _stopping = true;
        _thread.Join();
        if (_error is not null)
        {
            throw new HostileException($"The healthy host suffered: {_error}");
        }

        Assert.True(Longest < limit, $"A read took {Longest}.");
        Assert.True(Reads > 0);
        _queue.End();
        _admin.End();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                long start = Stopwatch.GetTimestamp();
                _queue.AssertReservedBlocks(World.ReservedStart + (Reads % 32), 16);
                TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
                if (elapsed > Longest)
                {
                    Longest = elapsed;
                }

                Reads++;

                // Leaves the storm a processor; outside of what is measured.
                if (Reads % 16 == 0)
                {
                    Thread.Sleep(1);
                }
            }
        }
        catch (Exception exception)
        {
            _error = exception;
        }
    }
}
