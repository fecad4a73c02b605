namespace Nvmf.Bench.Floor;

/// <summary>What a child process serves.</summary>
internal enum ServerKind
{
    /// <summary>The bytes alone.</summary>
    Floor,

    /// <summary>Our target.</summary>
    Target,
}
