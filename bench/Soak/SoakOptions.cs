namespace Nvmf.Bench.Soak;

/// <param name="Duration">Longest time.</param>
/// <param name="Removals">Ends after so many removals of listeners, if that is sooner.</param>
/// <param name="Workers">Listeners at a time, each with hosts of its own.</param>
/// <param name="Seed">Of every choice.</param>
internal sealed record SoakOptions(TimeSpan Duration, int Removals, int Workers, int Seed);
