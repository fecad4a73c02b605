namespace Nvmf.Abstractions.Fabrics;

/// <summary>Which way a command's data moves: the two low bits of its opcode (of FCTYPE for fabrics commands).</summary>
public enum DataDirection
{
    /// <summary>No data.</summary>
    None = 0,

    /// <summary>Host to controller.</summary>
    HostToController = 1,

    /// <summary>Controller to host.</summary>
    ControllerToHost = 2,

    /// <summary>Both ways; used by no command of this library.</summary>
    Bidirectional = 3,
}
