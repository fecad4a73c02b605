using System.Buffers;
using System.Runtime.InteropServices;
using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>Registered memory, with the keys that work requests name it by (<c>struct ibv_mr</c>).</summary>
public sealed unsafe class MemoryRegion : RdmaHandle
{
    private MemoryHandle _pin;

    internal MemoryRegion(ProtectionDomain domain, void* address, nuint length, MemoryAccess access) : base(owned: true, domain)
        => Register(domain, address, length, access);

    internal MemoryRegion(ProtectionDomain domain, Memory<byte> memory, MemoryAccess access) : base(owned: true, domain)
    {
        _pin = memory.Pin();
        try
        {
            Register(domain, _pin.Pointer, (nuint)memory.Length, access);
        }
        catch
        {
            _pin.Dispose();
            throw;
        }
    }

    /// <summary>Where it starts.</summary>
    public nint Address { get; private set; }

    /// <summary>Bytes.</summary>
    public nuint Length { get; private set; }

    /// <summary>What work requests posted here name it by.</summary>
    public uint LocalKey { get; private set; }

    /// <summary>What the peer names it by.</summary>
    public uint RemoteKey { get; private set; }

    /// <summary>A part of the region for a work request.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It does not lie in the region.</exception>
    public ScatterGatherEntry Slice(nuint offset, uint length)
    {
        if (offset > Length || length > Length - offset)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), "The part does not lie in the memory region.");
        }

        return new ScatterGatherEntry((ulong)Address + offset, length, LocalKey);
    }

    private void Register(ProtectionDomain domain, void* address, nuint length, MemoryAccess access)
    {
        // As the header's ibv_reg_mr does: optional access flags need the newer entry point, which leaves out what the kernel does not know.
        nint region = (access & MemoryAccess.RelaxedOrdering) == 0
            ? VerbsMethods.RegisterMemory(domain, address, length, (int)access)
            : VerbsMethods.RegisterMemoryAt(domain, address, length, (ulong)address, (uint)access);
        if (region == 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw Abandon("ibv_reg_mr", error, MemoryLockLimit.Advice(error, length));
        }

        Adopt(region, "ibv_reg_mr");
        Address = (nint)address;
        Length = length;
        LocalKey = *(uint*)(region + ObjectOffsets.MemoryRegion.LocalKey);
        RemoteKey = *(uint*)(region + ObjectOffsets.MemoryRegion.RemoteKey);
    }

    private protected override int DestroyNative(nint native)
    {
        int error = VerbsMethods.DeregisterMemory(native);
        if (error == 0)
        {
            _pin.Dispose();
        }

        return error;
    }
}
