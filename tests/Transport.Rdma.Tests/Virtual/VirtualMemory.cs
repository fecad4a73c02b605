using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <summary>What an adapter does with the memory that a work request names.</summary>
internal static class VirtualMemory
{
    public static bool IsLocal(VirtualDevice device, in WorkRequestElement element, bool write) =>
        element.Length == 0
        || device.FindLocal(element.LocalKey)?.Covers(element.Address, element.Length, write ? MemoryAccess.LocalWrite : MemoryAccess.LocalRead) == true;

    public static unsafe Span<byte> Bytes(in WorkRequestElement element) => new((void*)element.Address, (int)element.Length);

    public static byte[] Gather(in SendWorkRequest request) => [.. Bytes(request.First), .. Bytes(request.Second)];

    public static unsafe void Copy(in SendWorkRequest request, ulong remoteAddress, bool toRemote)
    {
        foreach (WorkRequestElement element in (ReadOnlySpan<WorkRequestElement>)[request.First, request.Second])
        {
            var remote = new Span<byte>((void*)remoteAddress, (int)element.Length);
            if (toRemote)
            {
                Bytes(element).CopyTo(remote);
            }
            else
            {
                remote.CopyTo(Bytes(element));
            }

            remoteAddress += element.Length;
        }
    }
}
