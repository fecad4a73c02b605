using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces.Internal;

namespace Nvmf.Target.Namespaces;

/// <summary>
/// A back end over another one that delays, fails, holds back and reorders requests by rules: for tests and for trying out how hosts behave.
/// </summary>
/// <remarks>
/// <code>
///   Submit ──► first matching rule ──┬─ fails before ──────────────────────────────┐
///                                    └─ [wait] ──► inner ──► [fail] ──► [wait] ──► complete
///                                         wait = delay, or held until ReleaseHeld
/// </code>
/// All randomness comes from <see cref="Seed"/>. Owns the inner back end. Not built for speed: it allocates.
/// </remarks>
public sealed class FaultInjectingBackend : NamespaceBackend
{
    private readonly NamespaceBackend _inner;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly Lock _lock = new();
    private readonly List<FaultedOperation> _held = [];
    private readonly List<FaultedOperation> _bag = [];
    private FaultRule[] _rules = [];
    private int _outstanding;
    private TaskCompletionSource? _drained;
    private bool _disposing;

    /// <summary>Wraps a back end.</summary>
    /// <param name="inner">Does the work; disposed with this one.</param>
    /// <param name="seed">Seed of all random choices; null takes one that <see cref="Seed"/> tells.</param>
    /// <param name="timeProvider">Clock of the delays.</param>
    public FaultInjectingBackend(NamespaceBackend inner, int? seed = null, TimeProvider? timeProvider = null)
    {
        ArgumentNullException.ThrowIfNull(inner);
        _inner = inner;
        _time = timeProvider ?? TimeProvider.System;
        Seed = seed ?? Random.Shared.Next();
        _random = new Random(Seed);
        IsReadOnly = inner.IsReadOnly;
        inner.Resized += OnResized;
        inner.Faulted += OnFaulted;
    }

    /// <summary>The seed: print it with a failed test.</summary>
    public int Seed { get; }

    /// <summary>Requests that a rule holds back now.</summary>
    public int HeldCount
    {
        get
        {
            lock (_lock)
            {
                return _held.Count;
            }
        }
    }

    /// <inheritdoc/>
    public override string? Fault => _inner.Fault;

    /// <inheritdoc/>
    public override int BlockSize => _inner.BlockSize;

    /// <inheritdoc/>
    public override ulong BlockCount => _inner.BlockCount;

    /// <inheritdoc/>
    public override bool HasVolatileWriteCache => _inner.HasVolatileWriteCache;

    /// <inheritdoc/>
    public override bool DeallocatedBlocksReadZeroes => _inner.DeallocatedBlocksReadZeroes;

    /// <inheritdoc/>
    public override bool SupportsCompareAndWrite => _inner.SupportsCompareAndWrite;

    /// <inheritdoc/>
    public override int PreferredGranularity => _inner.PreferredGranularity;

    /// <summary>Replaces all rules; the first that matches a request applies. Requests under way keep theirs. Any thread.</summary>
    public void SetRules(params FaultRule[] rules) => Volatile.Write(ref _rules, [.. rules]);

    /// <summary>Lets go what rules hold back now. Any thread.</summary>
    /// <returns>How many requests that were.</returns>
    public int ReleaseHeld()
    {
        FaultedOperation[] held;
        lock (_lock)
        {
            held = [.. _held];
            _held.Clear();
        }

        foreach (FaultedOperation operation in held)
        {
            operation.Continue();
        }

        return held.Length;
    }

    /// <inheritdoc/>
    public override bool Submit(BackendRequest request, out NvmeStatus status)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (FindRule(request) is not { } rule)
        {
            return _inner.Submit(request, out status);
        }

        status = NvmeStatus.Success;
        if (rule is { FailsBeforeExecution: true, IsAsynchronous: false, Status: { } failure })
        {
            status = failure;
            return true;
        }

        Interlocked.Increment(ref _outstanding);
        new FaultedOperation(this, _inner, request, rule).Start();
        return false;
    }

    /// <summary>Releases what is held, waits for requests under way (and their delays) and disposes the inner back end.</summary>
    public override async ValueTask DisposeAsync()
    {
        Task drained;
        lock (_lock)
        {
            _disposing = true;
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            drained = _drained.Task;
        }

        SetRules();
        ReleaseHeld();
        if (Volatile.Read(ref _outstanding) == 0)
        {
            _drained.TrySetResult();
        }

        await drained.ConfigureAwait(false);
        _inner.Resized -= OnResized;
        _inner.Faulted -= OnFaulted;
        await _inner.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Goes on with <paramref name="operation"/> when its rule says so.</summary>
    internal void Wait(FaultedOperation operation, FaultRule rule)
    {
        if (rule.Hold)
        {
            lock (_lock)
            {
                if (!_disposing)
                {
                    _held.Add(operation);
                    return;
                }
            }
        }

        TimeSpan delay = rule.Delay;
        if (rule.Jitter > TimeSpan.Zero)
        {
            lock (_lock)
            {
                delay += rule.Jitter * _random.NextDouble();
            }
        }

        if (delay > TimeSpan.Zero)
        {
            operation.ContinueAfter(delay, _time);
        }
        else if (rule.Shuffle)
        {
            AddToBag(operation);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(static operation => operation.Continue(), operation, preferLocal: false);
        }
    }

    /// <summary>The operation is complete.</summary>
    internal void OnEnded()
    {
        if (Interlocked.Decrement(ref _outstanding) != 0)
        {
            return;
        }

        lock (_lock)
        {
            if (_disposing && Volatile.Read(ref _outstanding) == 0)
            {
                _drained?.TrySetResult();
            }
        }
    }

    // Whatever gathers in the bag until a thread comes for it leaves in random order.
    private void AddToBag(FaultedOperation operation)
    {
        lock (_lock)
        {
            _bag.Add(operation);
            if (_bag.Count > 1)
            {
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(static backend => backend.EmptyBag(), this, preferLocal: false);
    }

    private void EmptyBag()
    {
        FaultedOperation[] operations;
        lock (_lock)
        {
            operations = [.. _bag];
            _bag.Clear();
            _random.Shuffle(operations);
        }

        foreach (FaultedOperation operation in operations)
        {
            operation.Continue();
        }
    }

    private FaultRule? FindRule(BackendRequest request)
    {
        foreach (FaultRule rule in Volatile.Read(ref _rules))
        {
            if (!rule.AppliesTo(request))
            {
                continue;
            }

            lock (_lock)
            {
                if ((rule.Rate >= 1 || _random.NextDouble() < rule.Rate) && rule.TryCount())
                {
                    return rule;
                }
            }
        }

        return null;
    }
}
