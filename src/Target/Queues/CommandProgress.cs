namespace Nvmf.Target.Queues;

/// <summary>Where a command of several steps stands.</summary>
internal struct CommandProgress
{
    /// <summary>Range or namespace at work.</summary>
    public int Index;

    /// <summary>Next block of the range at work.</summary>
    public ulong Block;

    /// <summary>Blocks left of the range at work.</summary>
    public ulong Remaining;

    /// <summary>Blocks of the request at the back end.</summary>
    public uint Step;

    /// <summary>Next block to write (Copy), or bytes compared so far (Compare).</summary>
    public ulong Position;

    /// <summary>The chunk was read and is being written (Copy).</summary>
    public bool Writing;

    /// <summary>Other commands had their time to end (Connect).</summary>
    public bool Waited;

    /// <summary>Steps since the loop served other commands.</summary>
    public int StepsInline;
}
