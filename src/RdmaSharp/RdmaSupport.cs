namespace RdmaSharp;

/// <summary>The sentences of <see cref="Rdma.UnsupportedReason"/>.</summary>
internal static class RdmaSupport
{
    public const string DeviceFolder = "/dev/infiniband";

    public static string? Reason(string? missingLibrary, Func<int> countDevices, string deviceFolder)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "RDMA needs Linux.";
        }

        if (!Environment.Is64BitProcess)
        {
            return "RDMA needs a 64-bit process.";
        }

        if (missingLibrary is not null)
        {
            return $"RDMA needs {missingLibrary}: install rdma-core's libraries (Debian and Ubuntu: apt-get install libibverbs1 librdmacm1 ibverbs-providers).";
        }

        if (countDevices() == 0)
        {
            return "This machine has no RDMA device: plug one in, or make one in software, for example with 'modprobe rdma_rxe && rdma link add rxe0 type rxe netdev eth0'.";
        }

        if (!File.Exists(Path.Combine(deviceFolder, "rdma_cm")))
        {
            return $"RDMA needs the kernel's connection manager, {deviceFolder}/rdma_cm is missing: 'modprobe rdma_ucm'.";
        }

        return Unopenable(deviceFolder) is { } file
            ? $"This user may not use RDMA: give it read and write access to {file}."
            : null;
    }

    /// <summary>The connection manager's file, or that of the first device, if it cannot be opened.</summary>
    private static string? Unopenable(string folder)
    {
        string manager = Path.Combine(folder, "rdma_cm");
        if (!CanOpen(manager))
        {
            return manager;
        }

        string[] devices = Directory.GetFiles(folder, "uverbs*");
        if (devices.Length == 0)
        {
            return Path.Combine(folder, "uverbs0");
        }

        return Array.Exists(devices, CanOpen) ? null : devices[0];
    }

    private static bool CanOpen(string file)
    {
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
