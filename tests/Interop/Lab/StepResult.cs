namespace Nvmf.Interop.Lab;

/// <summary>How a script in the guest ended.</summary>
/// <param name="ExitCode">Its exit code; 137 when it was killed.</param>
/// <param name="Output">Standard output and error.</param>
public sealed record StepResult(int ExitCode, string Output)
{
    /// <summary>The output of a script that must have succeeded.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}:\n{Output}");
        return Output;
    }
}
