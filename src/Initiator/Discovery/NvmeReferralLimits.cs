namespace Nvmf.Initiator.Discovery;

/// <summary>How far referrals are followed: whoever serves a discovery log can refer to anybody, himself included.</summary>
public sealed class NvmeReferralLimits
{
    /// <summary>Referrals from one controller to the next, 0..64; 0 follows none. Default 4.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>Discovery controllers asked in all, the given ones included, 1..1024. Default 64.</summary>
    public int Controllers { get; init; } = 64;

    /// <summary>Paths believed of one log, and of all together, 1..16384. Default 4096.</summary>
    public int Paths { get; init; } = 4096;

    internal void Validate()
    {
        ThrowIfOutside(Depth, 0, 64, nameof(Depth));
        ThrowIfOutside(Controllers, 1, 1024, nameof(Controllers));
        ThrowIfOutside(Paths, 1, 16384, nameof(Paths));
    }

    private static void ThrowIfOutside(int value, int least, int most, string name)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {least} and {most}.");
        }
    }
}
