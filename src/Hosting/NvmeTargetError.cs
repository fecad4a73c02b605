namespace Nvmf.Hosting;

/// <summary>Kinds of refusals.</summary>
public enum NvmeTargetError
{
    /// <summary>The request itself is wrong: a malformed address, disk or name.</summary>
    Invalid,

    /// <summary>There is no such listener, subsystem, namespace or host.</summary>
    NotFound,

    /// <summary>It exists already, or is in use by somebody else: a busy port, a locked file.</summary>
    Conflict,

    /// <summary>The system refuses: no permission, a missing file, an address that is not this machine's, an unsupported transport.</summary>
    Unavailable,
}
