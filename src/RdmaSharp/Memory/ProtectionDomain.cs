using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>A protection domain: queue pairs use the memory regions of their own domain only (<c>struct ibv_pd</c>).</summary>
public sealed unsafe class ProtectionDomain : RdmaHandle
{
    /// <summary>Makes a protection domain (ibv_alloc_pd(3)).</summary>
    /// <exception cref="RdmaException">The device has no more.</exception>
    public ProtectionDomain(RdmaContext context) : base(owned: true, context)
    {
        Context = context;
        Adopt(VerbsMethods.AllocateProtectionDomain(context), "ibv_alloc_pd");
    }

    /// <summary>The device.</summary>
    public RdmaContext Context { get; }

    /// <summary>Registers memory (ibv_reg_mr(3)).</summary>
    /// <param name="address">The start. The memory must stay where it is, and valid, until the region is destroyed.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="access">Who may do what with it.</param>
    /// <exception cref="RdmaException">The memory cannot be locked, or the device has no more regions.</exception>
    public MemoryRegion Register(void* address, nuint length, MemoryAccess access) => new(this, address, length, access);

    /// <summary>Registers memory and pins it until the region is destroyed (ibv_reg_mr(3)).</summary>
    /// <exception cref="RdmaException">The memory cannot be locked, or the device has no more regions.</exception>
    public MemoryRegion Register(Memory<byte> memory, MemoryAccess access) => new(this, memory, access);

    private protected override int DestroyNative(nint native) => VerbsMethods.FreeProtectionDomain(native);
}
