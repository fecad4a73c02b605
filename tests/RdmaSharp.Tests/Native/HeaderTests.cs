using System.Diagnostics;
using System.Globalization;

namespace RdmaSharp.Tests.Native;

/// <summary>Structures and constants against the C headers of this machine, by a program that a C compiler makes here.</summary>
public class HeaderTests
{
    [SkippableFact]
    public void Sizes_and_offsets_are_those_of_the_headers() => Compare([.. Layout.Structures]);

    [SkippableFact]
    public void Constants_are_those_of_the_headers() => Compare([.. Layout.Constants]);

    private static void Compare((string Expression, long Value)[] expected)
    {
        Skip.IfNot(File.Exists("/usr/include/infiniband/verbs.h") && File.Exists("/usr/include/rdma/rdma_cma.h"),
            "the C headers of rdma-core are missing (Debian: libibverbs-dev librdmacm-dev)");
        string? compiler = ((string[])["cc", "gcc", "clang"]).Select(Find).FirstOrDefault(static path => path is not null);
        Skip.If(compiler is null, "a C compiler is missing (cc, gcc or clang)");

        DirectoryInfo folder = Directory.CreateTempSubdirectory("rdmasharp-headers-");
        try
        {
            string source = Path.Combine(folder.FullName, "layout.c"), program = Path.Combine(folder.FullName, "layout");
            File.WriteAllText(source, $$"""
                #include <errno.h>
                #include <stddef.h>
                #include <stdio.h>
                #include <netinet/in.h>
                #include <infiniband/verbs.h>
                #include <rdma/rdma_cma.h>
                int main(void)
                {
                    static const long values[] = { {{string.Join(", ", expected.Select(static item => $"(long)({item.Expression})"))}} };
                    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) printf("%ld\n", values[i]);
                    return 0;
                }
                """);
            Run(compiler!, "-o", program, source);
            long[] actual = [.. Run(program).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => long.Parse(line, CultureInfo.InvariantCulture))];
            Assert.Equal(expected.Length, actual.Length);
            string[] wrong = [.. expected.Zip(actual).Where(static pair => pair.First.Value != pair.Second)
                .Select(static pair => $"{pair.First.Expression} is {pair.Second} in C, {pair.First.Value} here")];
            Assert.True(wrong.Length == 0, string.Join('\n', wrong));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    private static string Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program}: {errors.Result}");
        return output;
    }
}
