using System.Security.Cryptography;
using Nvmf.Hosting.Tests.TargetHost;

namespace Nvmf.Hosting.Tests;

/// <summary>samples/DiskCopy as a process of its own.</summary>
public class DiskCopyTests
{
    [Fact]
    public async Task It_copies_an_image_there_and_back()
    {
        using var image = new TemporaryFile();
        using var copy = new TemporaryFile();
        await using TestTarget target = await TestTarget.StartAsync(o => o.Listen("tcp://127.0.0.1:0").AddSubsystem(TestTarget.Nqn, s => s.AddNamespace("mem:4MiB")));
        byte[] contents = RandomNumberGenerator.GetBytes((3 << 20) + 17);
        await File.WriteAllBytesAsync(image.Path, contents);

        (int exitCode, string output, string error) = await RunAsync("put", image.Path, $"{target.Address}", "--verify");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.EndsWith("The namespace and the file are the same.", output, StringComparison.Ordinal);
        (exitCode, _, error) = await RunAsync("get", copy.Path, $"{target.Address}");

        Assert.Equal((0, ""), (exitCode, error));
        byte[] read = await File.ReadAllBytesAsync(copy.Path);
        Assert.Equal(4 << 20, read.Length);
        Assert.Equal(contents, read[..contents.Length]);
        Assert.False(read.AsSpan(contents.Length).ContainsAnyExcept((byte)0));
    }

    [SkippableFact]
    public async Task What_has_no_length_is_not_taken_for_an_empty_image()
    {
        Skip.IfNot(File.Exists("/dev/zero"), "this system has no /dev/zero");
        await using TestTarget target = await TestTarget.StartAsync();

        (int exitCode, _, string error) = await RunAsync("put", "/dev/zero", $"{target.Address}");

        Assert.Equal((1, "/dev/zero is no image file: it does not say how long it is.\n"), (exitCode, error));
    }

    [Theory]
    [InlineData("nosuch.invalid: ", "put", "disk.img", "tcp://nosuch.invalid")]
    [InlineData("--depth must be a number from 1 to 64.", "put", "disk.img", "tcp://127.0.0.1", "--depth", "deep")]
    [InlineData("--depth must be a number from 1 to 64.", "put", "disk.img", "tcp://127.0.0.1", "--depth", "65")]
    [InlineData("'127.0.0.1' is not an address: it does not begin with tcp:// or rdma://.", "put", "disk.img", "127.0.0.1")]
    public async Task A_mistake_gets_one_sentence(string sentence, params string[] arguments)
    {
        (int exitCode, string output, string error) = await RunAsync(arguments);
        Assert.Equal((1, "", 1), (exitCode, output, error.Count(c => c == '\n')));
        Assert.StartsWith(sentence, error, StringComparison.Ordinal);
    }

    private static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) =>
        TargetHostProcess.RunSampleAsync("DiskCopy", arguments);
}
