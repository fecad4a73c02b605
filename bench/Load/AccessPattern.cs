namespace Nvmf.Bench.Load;

/// <summary>What the commands do and where.</summary>
internal enum AccessPattern
{
    RandRead,
    RandWrite,
    Read,
    Write,

    /// <summary>Random, 70 % reads.</summary>
    Mixed,
}
