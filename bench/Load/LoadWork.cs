namespace Nvmf.Bench.Load;

/// <summary>What one command does now.</summary>
internal struct LoadWork
{
    /// <summary>Slot of the workspace; −1 when there is none left.</summary>
    public long Slot;

    public bool IsWrite;

    /// <summary>Timestamp of the submission.</summary>
    public long Started;
}
