using System.Diagnostics;

namespace Nvmf.Abstractions.Buffers;

/// <summary>Moments of the pool at which another thread's step matters.</summary>
internal enum RaceMoment
{
    /// <summary>A block's link was read, and is about to become the head.</summary>
    Popping,

    /// <summary>A slab's link was read, and is about to become the head.</summary>
    Removing,

    /// <summary>An empty slab was taken off its list, and still says that it is listed.</summary>
    Unlisting,

    /// <summary>A slab says that it is listed, and is about to be.</summary>
    Listing,

    /// <summary>A list of slabs is empty while one of them is picked out.</summary>
    Withdrawing,

    /// <summary>Nothing was found, and the gate is about to be closed.</summary>
    Queueing,
}

/// <summary>
/// Lets tests make those steps happen at those moments; on two cores, chance alone takes hours. Not in release builds.
/// </summary>
internal static class RacePoint
{
    [ThreadStatic]
    private static Action<RaceMoment>? _passed;

#if DEBUG
    public static bool IsOn => true;
#else
    public static bool IsOn => false;
#endif

    /// <summary>Called by <see cref="Pass"/> on this thread.</summary>
    public static Action<RaceMoment>? Passed
    {
        get => _passed;
        set => _passed = value;
    }

    [Conditional("DEBUG")]
    public static void Pass(RaceMoment moment) => _passed?.Invoke(moment);
}
