namespace Nvmf.Target.Tests.Namespaces;

/// <summary>A directory that goes with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly string _path;

    public TemporaryDirectory(string? parent = null)
    {
        _path = System.IO.Path.Combine(parent ?? System.IO.Path.GetTempPath(), "nvmf-" + System.IO.Path.GetRandomFileName());
        Directory.CreateDirectory(_path);
    }

    public string File(string name) => System.IO.Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
