using System.Runtime.InteropServices;

namespace Nvmf.EventLoop.Native;

internal static unsafe partial class NativeMethods
{
    private const int ProtectReadWrite = 0x1 | 0x2;
    private const int MapPrivateAnonymousNoReserve = 0x02 | 0x20 | 0x4000;
    private const int AdviceDoNotNeed = 4;
    private const int AdviceHugePage = 14;

    /// <summary>
    /// Maps zeroed memory that takes no space until it is written to.
    /// </summary>
    /// <returns>The address, or a negative <see cref="Errno"/> (user addresses are positive).</returns>
    public static nint MapMemory(nuint length) => Result(MMap(null, length, ProtectReadWrite, MapPrivateAnonymousNoReserve, -1, 0));

    public static int UnmapMemory(void* address, nuint length) => Result(MUnmap(address, length));

    /// <summary>Gives whole pages back; they read as zeroes afterwards.</summary>
    public static int DiscardMemory(void* address, nuint length) => Result(MAdvise(address, length, AdviceDoNotNeed));

    /// <summary>Asks for huge pages where the range holds whole ones. A kernel without them refuses, and nothing is lost.</summary>
    public static int PreferHugePages(void* address, nuint length) => Result(MAdvise(address, length, AdviceHugePage));

    [LibraryImport(Library, EntryPoint = "mmap")]
    private static partial nint MMap(void* address, nuint length, int protection, int flags, int descriptor, long offset);

    [LibraryImport(Library, EntryPoint = "munmap")]
    private static partial int MUnmap(void* address, nuint length);

    [LibraryImport(Library, EntryPoint = "madvise")]
    private static partial int MAdvise(void* address, nuint length, int advice);
}
