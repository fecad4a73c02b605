namespace RdmaSharp.Tests;

/// <summary>What a person is told who has no RDMA.</summary>
public sealed class SupportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rdmasharp-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Supported_and_the_reason_agree()
    {
        string? reason = Rdma.UnsupportedReason;
        Assert.Equal(reason is null, Rdma.IsSupported);
        if (reason is not null)
        {
            IsOneSentence(reason);
        }
    }

    [Fact]
    public void A_missing_library_is_named_with_its_package()
    {
        string? reason = RdmaSupport.Reason("librdmacm.so.1", static () => throw new InvalidOperationException("not without the library"), _folder);
        Assert.Contains("librdmacm.so.1", reason, StringComparison.Ordinal);
        Assert.Contains("librdmacm1", reason, StringComparison.Ordinal);
        IsOneSentence(reason!);
    }

    [Fact]
    public void Without_a_device_the_way_to_a_soft_one_is_named()
    {
        string? reason = RdmaSupport.Reason(null, static () => 0, _folder);
        Assert.Contains("rdma link add rxe0 type rxe netdev eth0", reason, StringComparison.Ordinal);
        IsOneSentence(reason!);
    }

    [Fact]
    public void Without_the_connection_manager_its_module_is_named()
    {
        File.WriteAllText(Path.Combine(_folder, "uverbs0"), "");
        string? reason = RdmaSupport.Reason(null, static () => 1, _folder);
        Assert.Contains("modprobe rdma_ucm", reason, StringComparison.Ordinal);
        IsOneSentence(reason!);
    }

    [Fact]
    public void Without_a_device_file_it_is_named()
    {
        File.WriteAllText(Path.Combine(_folder, "rdma_cm"), "");
        string? reason = RdmaSupport.Reason(null, static () => 1, _folder);
        Assert.Contains(Path.Combine(_folder, "uverbs0"), reason, StringComparison.Ordinal);
        IsOneSentence(reason!);
    }

    [SkippableFact]
    public void Without_permission_the_file_is_named()
    {
        Skip.If(Environment.IsPrivilegedProcess, "runs as root, who may open every file");
        string manager = Path.Combine(_folder, "rdma_cm");
        File.WriteAllText(manager, "");
        if (OperatingSystem.IsLinux())
        {
            File.SetUnixFileMode(manager, UnixFileMode.None);
        }

        string? reason = RdmaSupport.Reason(null, static () => 1, _folder);
        Assert.Contains(manager, reason, StringComparison.Ordinal);
        IsOneSentence(reason!);
    }

    [Fact]
    public void With_everything_there_is_no_reason()
    {
        File.WriteAllText(Path.Combine(_folder, "rdma_cm"), "");
        File.WriteAllText(Path.Combine(_folder, "uverbs0"), "");
        Assert.Null(RdmaSupport.Reason(null, static () => 1, _folder));
    }

    [Theory]
    [InlineData(Errno.ENOMEM, true)]
    [InlineData(Errno.EPERM, true)]
    [InlineData(Errno.EINVAL, false)]
    public void A_refused_registration_names_the_limit_on_locked_memory(int error, bool advised)
    {
        string? advice = MemoryLockLimit.Advice(error, 131072);
        Assert.Equal(advised, advice is not null);
        if (advice is null)
        {
            return;
        }

        Assert.Contains("131072 bytes", advice, StringComparison.Ordinal);
        Assert.Contains("ulimit -l", advice, StringComparison.Ordinal);
        Assert.Contains("CAP_IPC_LOCK", advice, StringComparison.Ordinal);
        IsOneSentence(advice);
    }

    [Fact]
    public void An_exception_names_the_call_and_the_error()
    {
        var exception = new RdmaException("ibv_reg_mr", Errno.ENOMEM, "Do something.");
        Assert.Equal("ibv_reg_mr", exception.Call);
        Assert.Equal(Errno.ENOMEM, exception.ErrorNumber);
        Assert.StartsWith("ibv_reg_mr: ", exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("(errno 12). Do something.", exception.Message, StringComparison.Ordinal);
    }

    private static void IsOneSentence(string text)
    {
        Assert.DoesNotContain('\n', text);
        Assert.DoesNotContain(". ", text, StringComparison.Ordinal);
        Assert.True(text.EndsWith('.') || text.EndsWith('\''), text);
    }
}
