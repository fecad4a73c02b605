namespace RdmaSharp;

/// <summary>A call of libibverbs or librdmacm failed.</summary>
public sealed class RdmaException : Exception
{
    /// <summary>A failure of <paramref name="call"/> with <paramref name="errorNumber"/>.</summary>
    /// <param name="call">The C function, as its man page is called.</param>
    /// <param name="errorNumber">The value of errno; 0 where the call failed without setting it, which some drivers' libraries do.</param>
    /// <param name="advice">What to do about it, a sentence; null if there is nothing to add.</param>
    public RdmaException(string call, int errorNumber, string? advice = null)
        : base(Describe(call, errorNumber, advice))
    {
        Call = call;
        ErrorNumber = errorNumber == 0 ? Errno.EIO : errorNumber;
    }

    /// <summary>The C function that failed, for example <c>ibv_reg_mr</c>.</summary>
    public string Call { get; }

    /// <summary>The value of errno, for example 12 (ENOMEM); never 0: 5 (EIO) where the call gave no reason.</summary>
    public int ErrorNumber { get; }

    private static string Describe(string call, int errorNumber, string? advice)
    {
        string text = $"{call}: {(errorNumber == 0 ? "failed without a reason (errno 0)" : Errno.Describe(errorNumber))}";
        return advice is null ? text : $"{text}. {advice}";
    }
}
