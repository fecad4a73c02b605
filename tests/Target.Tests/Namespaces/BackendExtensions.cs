using Nvmf.Abstractions.Buffers;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>Requests as one-liners.</summary>
internal static class BackendExtensions
{
    public static NvmeStatus Write(this NamespaceBackend backend, BufferPool pool, ulong start, ReadOnlySpan<byte> data, bool durable = false)
    {
        BufferLease lease = pool.Rent(data.Length);
        data.CopyTo(lease.Span);
        NvmeStatus status = new TestRequest()
            .Set(BackendOperation.Write, start, (ulong)(data.Length / backend.BlockSize), lease, durable).Run(backend);
        lease.Release();
        return status;
    }

    public static byte[] Read(this NamespaceBackend backend, BufferPool pool, ulong start, int blocks)
    {
        byte[] data = new byte[blocks * backend.BlockSize];
        NvmeStatus status = backend.Read(pool, start, data);
        Assert.Equal(NvmeStatus.Success, status);
        return data;
    }

    public static NvmeStatus Read(this NamespaceBackend backend, BufferPool pool, ulong start, byte[] data)
    {
        BufferLease lease = pool.Rent(data.Length);
        lease.Span.Fill(0xA5);
        NvmeStatus status = new TestRequest()
            .Set(BackendOperation.Read, start, (ulong)(data.Length / backend.BlockSize), lease).Run(backend);
        lease.Span.CopyTo(data);
        lease.Release();
        return status;
    }

    public static NvmeStatus Flush(this NamespaceBackend backend) => new TestRequest().Set(BackendOperation.Flush).Run(backend);

    public static NvmeStatus WriteZeroes(this NamespaceBackend backend, ulong start, ulong count, bool deallocate = false, bool durable = false) =>
        new TestRequest().Set(BackendOperation.WriteZeroes, start, count, durable: durable, deallocate: deallocate).Run(backend);

    public static NvmeStatus Deallocate(this NamespaceBackend backend, ulong start, ulong count) =>
        new TestRequest().Set(BackendOperation.Deallocate, start, count).Run(backend);

    public static NvmeStatus CompareAndWrite(this NamespaceBackend backend, BufferPool pool, ulong block, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> data, bool durable = false)
    {
        BufferLease lease = pool.Rent(expected.Length + data.Length);
        expected.CopyTo(lease.Span);
        data.CopyTo(lease.Span[expected.Length..]);
        NvmeStatus status = new TestRequest().Set(BackendOperation.CompareAndWrite, block, 1, lease, durable).Run(backend);
        lease.Release();
        return status;
    }

    public static BufferLease Rent(this BufferPool pool, int length)
    {
        Assert.True(pool.TryRent(length, BufferPriority.InputOutput, out BufferLease lease));
        return lease;
    }

    public static byte[] RandomBytes(int length, int seed)
    {
        byte[] data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }
}
