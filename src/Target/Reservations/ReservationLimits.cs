namespace Nvmf.Target.Reservations;

/// <summary>What a namespace can do for those who reserve it.</summary>
/// <param name="MaxRegistrants">Registrants at a time.</param>
/// <param name="CanPersist">The state can outlive the target.</param>
internal readonly record struct ReservationLimits(int MaxRegistrants, bool CanPersist)
{
    private const int LeastRegistrants = 4096;

    /// <summary>Room for every host that can be connected at a time, as the specification requires, and for some that have left.</summary>
    public static int RegistrantsOf(int maxControllers) => Math.Max(maxControllers, LeastRegistrants);
}
