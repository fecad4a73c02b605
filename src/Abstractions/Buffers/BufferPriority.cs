namespace Nvmf.Abstractions.Buffers;

/// <summary>Who a buffer is for.</summary>
public enum BufferPriority
{
    /// <summary>Data of I/O commands.</summary>
    InputOutput,

    /// <summary>Admin commands, Connect and protocol headers: may use the pool's reserve, so that I/O cannot starve them.</summary>
    Administration,
}
