using System.Diagnostics;

namespace Nvmf.Interop.Lab;

/// <summary>A program of samples/, or one of the tests.</summary>
internal static class SampleProgram
{
    /// <summary>Where its assemblies are after <see cref="BuildAsync"/>.</summary>
    public static string Folder(string name) => Path.Combine(Project(name), "bin", "Release", "net10.0");

    /// <summary>Builds it in Release.</summary>
    public static async Task BuildAsync(string name)
    {
        var start = new ProcessStartInfo("dotnet", ["build", Project(name), "-c", "Release", "-nologo", "-v", "q"])
        {
            RedirectStandardOutput = true,
        };

        // The test runner's own build variables are not meant for another build.
        foreach (string variable in start.Environment.Keys.Where(key => key.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(variable);
        }

        using Process build = Process.Start(start)!;
        string output = await build.StandardOutput.ReadToEndAsync();
        await build.WaitForExitAsync();
        Assert.True(build.ExitCode == 0, $"{name} does not build:\n{output}");
    }

    /// <summary>Copies it into the guest.</summary>
    /// <returns>The folder there.</returns>
    public static async Task<string> InstallAsync(string name, Guest guest)
    {
        string folder = Path.Combine(guest.Folder, "programs", name);
        Directory.CreateDirectory(folder);
        foreach (string file in Directory.GetFiles(Folder(name)).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        }

        await guest.RunAsync($"mkdir -p /tmp/programs && cp -r /ctl/programs/{name} /tmp/programs/", Patience.Usual);
        return $"/tmp/programs/{name}";
    }

    private static string Project(string name) => Path.Combine(Repository.Root, name switch
    {
        "GuestHost" => Path.Combine("tests", "Interop", name),
        "Conformance" => Path.Combine("tests", name),
        _ => Path.Combine("samples", name),
    });
}
