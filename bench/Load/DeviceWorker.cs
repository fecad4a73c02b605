using System.Diagnostics;
using Nvmf.Abstractions.Buffers;
using Nvmf.Initiator;

namespace Nvmf.Bench.Load;

/// <summary>
/// Keeps commands in flight through a block device, as an application does: one loop of reads and writes per command in flight. Their continuations run on any thread, so that the lock
/// guards what they share.
/// </summary>
internal sealed class DeviceWorker : LoadWorker
{
    private readonly Lock _lock = new();
    private readonly NvmeBlockDevice _disk;
    private readonly BufferLease[] _leases;
    private readonly int _blockShift;
    private int _active;

    public DeviceWorker(LoadOptions options, Workspace workspace, NvmeBlockDevice disk, BufferPool pool)
        : base(options, workspace)
    {
        _disk = disk;
        _blockShift = int.Log2(disk.BlockSize);
        _leases = new BufferLease[options.Depth];
        for (var i = 0; i < _leases.Length; i++)
        {
            _leases[i] = Rent(pool, options.Size);
        }
    }

    public override void Dispose()
    {
        foreach (var lease in _leases)
        {
            lease.Release();
        }
    }

    protected override void Begin()
    {
        Workspace.StartWalk();
        _active = _leases.Length;
        foreach (var lease in _leases)
        {
            _ = RunLaneAsync(lease);
        }
    }

    private async Task RunLaneAsync(BufferLease data)
    {
        // The lanes begin side by side, not one inside the other.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var work = default(LoadWork);
        while (TryPrepare(ref work, data))
        {
            string? failure = null;
            try
            {
                var block = Workspace.AddressOf(work.Slot) >> _blockShift;
                if (work.IsWrite)
                {
                    await _disk.WriteAsync(block, data).ConfigureAwait(false);
                }
                else
                {
                    await _disk.ReadAsync(block, data).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is IOException or TimeoutException or ArgumentException)
            {
                failure = e.Message;
            }

            lock (_lock)
            {
                if (failure is null)
                {
                    OnSuccess(work, data, Stopwatch.GetTimestamp() - work.Started);
                }
                else
                {
                    OnFailure(work, failure);
                }

                Workspace.Leave(work.Slot);
            }
        }

        if (Interlocked.Decrement(ref _active) == 0)
        {
            End();
        }
    }

    private bool TryPrepare(ref LoadWork work, BufferLease data)
    {
        lock (_lock)
        {
            if (Stopping || !TryChoose(ref work))
            {
                return false;
            }
        }

        Stamp(work, data);
        work.Started = Stopwatch.GetTimestamp();
        return true;
    }
}
