namespace RdmaSharp;

/// <summary>A call of libibverbs or librdmacm failed.</summary>
public sealed class RdmaException : Exception
{
    /// <summary>A failure of <paramref name="call"/> with <paramref name="errorNumber"/>.</summary>
    /// <param name="call">The C function, as its man page is called.</param>
    /// <param name="errorNumber">The value of errno.</param>
    /// <param name="advice">What to do about it, a sentence; null if there is nothing to add.</param>
    public RdmaException(string call, int errorNumber, string? advice = null)
        : base(Describe(call, errorNumber, advice))
    {
        Call = call;
        ErrorNumber = errorNumber;
    }

    /// <summary>The C function that failed, for example <c>ibv_reg_mr</c>.</summary>
    public string Call { get; }

    /// <summary>The value of errno, for example 12 (ENOMEM).</summary>
    public int ErrorNumber { get; }

    private static string Describe(string call, int errorNumber, string? advice)
    {
        string text = $"{call}: {Errno.Describe(errorNumber)}";
        return advice is null ? text : $"{text}. {advice}";
    }
}
