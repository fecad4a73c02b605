using System.Reflection;
using System.Runtime.CompilerServices;

namespace Nvmf.Hosting.Tests.PublicApi;

/// <summary>
/// Holds the public API of every library in a text file beside this one. A wanted change is recorded by running these tests with
/// NVMF_UPDATE_PUBLIC_API=1 and committing the files.
/// </summary>
public class PublicApiTests
{
    [Theory]
    [InlineData("Nvmf.Abstractions")]
    [InlineData("Nvmf.EventLoop")]
    [InlineData("Nvmf.Hosting")]
    [InlineData("Nvmf.Initiator")]
    [InlineData("Nvmf.Target")]
    [InlineData("Nvmf.Transport.Rdma")]
    [InlineData("Nvmf.Transport.Tcp")]
    [InlineData("RdmaSharp")]
    public void The_public_api_is_the_recorded_one(string assembly)
    {
        string actual = PublicApiText.Write(Assembly.Load(assembly));
        string path = Path.Combine(Path.GetDirectoryName(ThisFile())!, $"{assembly}.txt");
        if (Environment.GetEnvironmentVariable("NVMF_UPDATE_PUBLIC_API") == "1")
        {
            File.WriteAllText(path, actual);
        }

        string recorded = File.Exists(path) ? File.ReadAllText(path) : "";
        string[] added = [.. actual.Split('\n').Except(recorded.Split('\n')).Select(line => "+ " + line)];
        string[] removed = [.. recorded.Split('\n').Except(actual.Split('\n')).Select(line => "- " + line)];
        Assert.True(
            actual == recorded,
            $"The public API of {assembly} is not the recorded one. If that is wanted, run with NVMF_UPDATE_PUBLIC_API=1 and commit:\n{string.Join('\n', [.. added, .. removed])}");
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
