using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Tests.Namespaces;

/// <summary>Every kind of back end that stores something, empty, by name.</summary>
internal sealed class BackendFactory : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private TemporaryDirectory? _memoryDirectory;
    private int _files;

    public static TheoryData<string, int> Kinds()
    {
        TheoryData<string, int> kinds = [];
        foreach (string kind in (string[])["memory", "file", "file without anything optional", "file with short transfers", "faults over memory"])
        {
            kinds.Add(kind, 512);
            kinds.Add(kind, 4096);
        }

        if (Directory.Exists("/dev/shm"))
        {
            kinds.Add("file on tmpfs", 512);
        }

        return kinds;
    }

    public NamespaceBackend Create(string kind, long size, int blockSize)
    {
        var options = new FileBackendOptions { SizeInBytes = size, BlockSize = blockSize, MaxThreads = 3 };
        return kind switch
        {
            "memory" => new MemoryBackend(size, blockSize),
            "file" => FileBackend.Open(_directory.File($"disk{_files++}"), options),
            "file on tmpfs" => FileBackend.Open((_memoryDirectory ??= new TemporaryDirectory("/dev/shm")).File($"disk{_files++}"), options),
            "file without anything optional" => new FileBackend(new FakeFileDevice((int)size) { SupportsDurableWrites = false }, "fake", options),
            "file with short transfers" => new FileBackend(
                new FakeFileDevice((int)size) { SupportsNow = true, SupportsHoles = true, SupportsZeroRange = true, MaxTransfer = 5000 }, "fake", options),
            "faults over memory" => FaultsOverMemory(size, blockSize),
            _ => throw new ArgumentException(kind),
        };
    }

    public void Dispose()
    {
        _directory.Dispose();
        _memoryDirectory?.Dispose();
    }

    private static FaultInjectingBackend FaultsOverMemory(long size, int blockSize)
    {
        var backend = new FaultInjectingBackend(new MemoryBackend(size, blockSize), seed: 1);
        backend.SetRules(
            new FaultRule { Rate = 0.3, Shuffle = true },
            new FaultRule { Rate = 0.3, CompleteElsewhere = true, BeforeExecution = false });
        return backend;
    }
}
