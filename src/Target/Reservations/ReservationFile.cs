using System.Text.Json;
using Nvmf.Target.Namespaces;

namespace Nvmf.Target.Reservations;

/// <summary>
/// Where the reservation state of one namespace outlives the target. A change is a new file, made durable and then put in the place of the old one: a reader finds
/// one of the two whole.
/// </summary>
internal sealed class ReservationFile
{
    // 65535 registrants of less than 100 bytes each.
    private const int MaxLength = 16 << 20;

    private readonly string _path;
    private readonly string _newPath;
    private readonly Guid _uuid;

    private ReservationFile(string path, Guid uuid, ReservationState loaded)
    {
        _path = path;
        _newPath = path + ".new";
        _uuid = uuid;
        Loaded = loaded;
    }

    /// <summary>What the file held when it was opened, if that was to outlive the target; otherwise nothing.</summary>
    public ReservationState Loaded { get; }

    /// <summary>Reads the file. When there is none, one is made, so that a path that does not work shows now.</summary>
    /// <exception cref="BackendOpenException">One sentence for people.</exception>
    public static ReservationFile Open(string path, Guid uuid, int maxRegistrants)
    {
        path = Path.GetFullPath(path);
        try
        {
            ReservationState loaded = File.Exists(path) ? Read(path, uuid, maxRegistrants) : ReservationState.Empty;
            var file = new ReservationFile(path, uuid, loaded.PersistsThroughPowerLoss ? loaded : ReservationState.Empty);

            // Also when there was one: it shows now whether it can be written.
            file.Write(file.Loaded);
            return file;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && exception is not BackendOpenException)
        {
            throw new BackendOpenException($"The reservation file {path} cannot be used: {exception.Message}", exception);
        }
    }

    /// <summary>Returns when the state is on the medium. One caller at a time; takes the time of the medium.</summary>
    /// <exception cref="IOException">It may have been written, and may not be durable.</exception>
    public void Write(ReservationState state)
    {
        byte[] text = JsonSerializer.SerializeToUtf8Bytes(ReservationFileContents.Of(state, _uuid), ReservationFileContext.Default.ReservationFileContents);
        using (var stream = new FileStream(_newPath, NewFileOptions()))
        {
            stream.Write(text);
            stream.Flush(flushToDisk: true);
        }

        File.Move(_newPath, _path, overwrite: true);
        DirectoryFlush.Flush(Path.GetDirectoryName(_path)!);
    }

    private static FileStreamOptions NewFileOptions()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            // Keys are the business of hosts alone, as a disk is.
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private static ReservationState Read(string path, Guid uuid, int maxRegistrants)
    {
        long length = new FileInfo(path).Length;
        if (length > MaxLength)
        {
            throw Unusable(path, $"it has {length} bytes");
        }

        ReservationFileContents? contents;
        try
        {
            contents = JsonSerializer.Deserialize(File.ReadAllBytes(path), ReservationFileContext.Default.ReservationFileContents);
        }
        catch (JsonException exception)
        {
            throw Unusable(path, "it is not what this target writes", exception);
        }

        if (contents == null)
        {
            throw Unusable(path, "it is empty");
        }

        return contents.ToState(uuid, maxRegistrants, out string? mistake) ?? throw Unusable(path, mistake!);
    }

    private static BackendOpenException Unusable(string path, string reason, Exception? inner = null) => new(
        $"The reservation file {path} cannot be read: {reason}; restore it, or delete it if no host may rely on a reservation.", inner);
}
