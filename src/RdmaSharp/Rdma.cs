using System.Runtime.InteropServices;
using RdmaSharp.Native;

namespace RdmaSharp;

/// <summary>Whether this machine has RDMA.</summary>
public static class Rdma
{
    internal const string OpenAdvice = "Does this user have access to /dev/infiniband/uverbs*?";
    internal const string ChannelAdvice = "Load the kernel's module ('modprobe rdma_ucm') and give this user access to /dev/infiniband/rdma_cm.";

    private static readonly Lazy<string?> MissingLibrary = new(FindMissingLibrary);

    /// <summary>True when there are the libraries, a device, and the permission to use it. Looks each time: devices come and go.</summary>
    public static bool IsSupported => UnsupportedReason is null;

    /// <summary>Why <see cref="IsSupported"/> is false and what to do about it, one sentence; null when it is true.</summary>
    public static string? UnsupportedReason => RdmaSupport.Reason(MissingLibrary.Value, CountDevices, RdmaSupport.DeviceFolder);

    /// <summary>
    /// Makes registered memory survive a fork of this process (ibv_fork_init(3)). Before any other call; not needed with Linux 5.12 and later.
    /// </summary>
    /// <exception cref="RdmaException">The kernel cannot.</exception>
    public static void EnableForkSafety()
    {
        int error = VerbsMethods.InitializeFork();
        if (error != 0)
        {
            throw new RdmaException("ibv_fork_init", error);
        }
    }

    private static string? FindMissingLibrary()
    {
        foreach (string library in (ReadOnlySpan<string>)[VerbsMethods.Library, ConnectionMethods.Library])
        {
            if (!NativeLibrary.TryLoad(library, typeof(Rdma).Assembly, null, out nint loaded))
            {
                return library;
            }

            NativeLibrary.Free(loaded);
        }

        return null;
    }

    private static int CountDevices()
    {
        try
        {
            return RdmaDevice.List().Count;
        }
        catch (RdmaException)
        {
            return 0;
        }
    }
}
