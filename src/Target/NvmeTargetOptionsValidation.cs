using System.Numerics;

namespace Nvmf.Target;

/// <summary>One sentence per mistake.</summary>
internal static class NvmeTargetOptionsValidation
{
    public static void Check(NvmeTargetOptions options)
    {
        double granularity = options.KeepAliveGranularity.TotalMilliseconds;
        Require(granularity is >= 100 and <= 10_000 && granularity % 100 == 0, nameof(options.KeepAliveGranularity), "a multiple of 100 ms, 100 ms to 10 s", options.KeepAliveGranularity);
        RequirePositive(options.DiscoveryIdleTimeout, nameof(options.DiscoveryIdleTimeout));
        RequirePositive(options.DisabledTimeout, nameof(options.DisabledTimeout));
        RequirePositive(options.NamespaceRemovalTimeout, nameof(options.NamespaceRemovalTimeout));
        Require(options.ReadyTimeout.TotalMilliseconds is >= 500 and <= 127_000, nameof(options.ReadyTimeout), "500 ms to 127 s", options.ReadyTimeout);
        Require(options.CommandQuiesceTime.TotalMilliseconds is >= 100 and <= 60_000, nameof(options.CommandQuiesceTime), "100 ms to 60 s", options.CommandQuiesceTime);
        Require(
            options.AuthenticationTimeout.TotalMilliseconds is >= 100 and <= 600_000, nameof(options.AuthenticationTimeout), "100 ms to 10 min", options.AuthenticationTimeout);
        Require(options.MaxKeyExchanges is >= 1 and <= 1024, nameof(options.MaxKeyExchanges), "1 to 1024", options.MaxKeyExchanges);
        Require(options.MaxAdminQueueSize is >= 32 and <= 4096, nameof(options.MaxAdminQueueSize), "32 to 4096 entries", options.MaxAdminQueueSize);
        Require(options.MaxIoQueueSize is >= 2 and <= 65536, nameof(options.MaxIoQueueSize), "2 to 65536 entries", options.MaxIoQueueSize);
        Require(
            options.MaxDataTransferSize is >= 8192 and <= 128 << 20 && BitOperations.IsPow2(options.MaxDataTransferSize),
            nameof(options.MaxDataTransferSize),
            "a power of two, 8 KiB to 128 MiB",
            options.MaxDataTransferSize);
        Require(options.MaxAsynchronousEventRequests is >= 1 and <= 16, nameof(options.MaxAsynchronousEventRequests), "1 to 16", options.MaxAsynchronousEventRequests);
        Require(
            options.ChunkSize is >= Namespaces.NamespaceBackend.MaxBlockSize and <= 1 << 20 && BitOperations.IsPow2(options.ChunkSize),
            nameof(options.ChunkSize),
            "a power of two, 4 KiB to 1 MiB",
            options.ChunkSize);
    }

    private static void RequirePositive(TimeSpan value, string name) => Require(value > TimeSpan.Zero && value <= TimeSpan.FromDays(1), name, "more than 0 and at most a day", value);

    private static void Require(bool condition, string name, string range, object value)
    {
        if (!condition)
        {
            throw new ArgumentException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} must be {range}, not {value}."));
        }
    }
}
