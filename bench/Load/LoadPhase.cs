namespace Nvmf.Bench.Load;

/// <summary>What the workers are doing.</summary>
internal enum LoadPhase
{
    /// <summary>Write every slot once.</summary>
    Fill,

    /// <summary>The pattern, until told to stop.</summary>
    Run,

    /// <summary>Read every slot that was written and check it.</summary>
    Check,
}
