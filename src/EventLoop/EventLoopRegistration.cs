namespace Nvmf.EventLoop;

/// <summary>
/// A descriptor's place on an <see cref="EventLoopThread"/>: slot and generation. An event that was fetched before the registration ended
/// carries the old generation and is dropped (invariant I7).
/// </summary>
/// <remarks>Use on the loop only.</remarks>
public readonly struct EventLoopRegistration
{
    private readonly EventLoopThread? _loop;
    private readonly int _slot;
    private readonly uint _generation;

    internal EventLoopRegistration(EventLoopThread loop, int slot, uint generation)
    {
        _loop = loop;
        _slot = slot;
        _generation = generation;
    }

    /// <summary>True for <c>default</c>.</summary>
    public bool IsEmpty => _loop is null;

    /// <summary>Changes what the handler hears of. Does nothing when the registration is over.</summary>
    public void SetEvents(ReadyEvents events) => _loop?.SetEvents(_slot, _generation, events);

    /// <summary>Ends the registration; the handler is not called any more. Does nothing the second time.</summary>
    public void Unregister() => _loop?.Unregister(_slot, _generation);
}
