namespace Nvmf.Target.Namespaces;

/// <summary>A back end could not be opened. The message is one sentence for people: what, which path, why, what to do.</summary>
public sealed class BackendOpenException : IOException
{
    /// <summary>Makes the exception.</summary>
    public BackendOpenException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Somebody else has what was to be opened: it may be free later. Default false.</summary>
    public bool IsInUse { get; init; }
}
