namespace Nvmf.Hosting.Tests;

/// <summary>A path that nobody else uses; what is there at the end is deleted.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"nvmf-{Guid.NewGuid():N}.img");

    public void Dispose() => File.Delete(Path);
}
