namespace Nvmf.Interop.Lab;

/// <summary>Where things lie in the working copy that these tests were built in.</summary>
internal static class Repository
{
    /// <summary>The top folder.</summary>
    public static string Root { get; } = Find();

    /// <summary>Everything that one run leaves for a person to look at: kernel log, scripts, their output, the targets' logs.</summary>
    public static string RunFolder { get; } =
        Directory.CreateDirectory(Path.Combine(Root, "artifacts", "interop", $"{DateTime.Now:yyyyMMdd-HHmmss}-{Environment.ProcessId}")).FullName;

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Transports.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no Transports.sln above {AppContext.BaseDirectory}");
    }
}
