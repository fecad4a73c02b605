namespace Nvmf.Target.Namespaces.Internal;

/// <summary>
/// What a <see cref="FileBackend"/> needs of an operating system, and the place where tests put a disk that is slow, full or broken. Methods
/// return a count of bytes, 0, or a negative error number of Linux. Any thread.
/// </summary>
internal abstract unsafe class FileDevice : IDisposable
{
    /// <summary>Size in bytes at this moment.</summary>
    public abstract long Length { get; }

    /// <summary>Unit of allocation in bytes: smaller writes may read first.</summary>
    public virtual int PreferredGranularity => 4096;

    /// <summary><see cref="PunchHole"/> works.</summary>
    public abstract bool CanPunchHoles { get; }

    /// <summary>Reads what is in memory already. Never waits: EAGAIN instead, or EOPNOTSUPP for ever.</summary>
    public abstract nint ReadNow(byte* destination, nint length, long offset);

    /// <summary>Writes into memory that is there already. Never waits: EAGAIN instead, or EOPNOTSUPP for ever.</summary>
    public abstract nint WriteNow(byte* source, nint length, long offset);

    /// <summary>Reads; may wait, may be short. 0: the end of the file.</summary>
    public abstract nint Read(byte* destination, nint length, long offset);

    /// <summary>Writes; may wait, may be short.</summary>
    /// <param name="source">The bytes.</param>
    /// <param name="length">How many.</param>
    /// <param name="offset">Where.</param>
    /// <param name="durable">What was written is durable on return. EOPNOTSUPP: not possible in one call.</param>
    public abstract nint Write(byte* source, nint length, long offset, bool durable);

    /// <summary>Makes all data durable.</summary>
    public abstract int Sync();

    /// <summary>Zeroes a range and keeps it allocated.</summary>
    public abstract int ZeroRange(long offset, long length);

    /// <summary>Zeroes a range and frees it.</summary>
    public abstract int PunchHole(long offset, long length);

    /// <summary>Changes the size.</summary>
    public abstract int SetLength(long length);

    public abstract void Dispose();
}
