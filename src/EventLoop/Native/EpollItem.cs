using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

/// <summary><c>struct epoll_event</c>: packed to 12 bytes on x64, 16 bytes everywhere else.</summary>
internal static unsafe class EpollItem
{
    public static readonly int Size = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    public static readonly int DataOffset = Size - sizeof(ulong);

    public static ReadyEvents Events(byte* item) => (ReadyEvents)Unsafe.ReadUnaligned<uint>(item);

    public static ulong Data(byte* item) => Unsafe.ReadUnaligned<ulong>(item + DataOffset);

    public static void Set(byte* item, ReadyEvents events, ulong data)
    {
        Unsafe.WriteUnaligned(item, (uint)events);
        Unsafe.WriteUnaligned(item + DataOffset, data);
    }
}
