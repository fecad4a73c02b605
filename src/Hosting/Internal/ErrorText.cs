namespace Nvmf.Hosting.Internal;

/// <summary>What an exception says to a person.</summary>
internal static class ErrorText
{
    /// <summary>The message without .NET's remark on the parameter.</summary>
    public static string Sentence(Exception error)
    {
        string message = error.Message;
        if (error is ArgumentException { ParamName: { } parameter })
        {
            message = message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal);
        }

        message = message.ReplaceLineEndings(" ").Trim();
        return message.EndsWith('.') ? message : message + ".";
    }
}
