namespace Nvmf.Target;

/// <summary>State of a controller.</summary>
public enum ControllerState
{
    /// <summary>Connected, CC.EN = 0.</summary>
    Disabled,

    /// <summary>CC.EN = 1, CSTS.RDY = 1.</summary>
    Ready,

    /// <summary>CC.EN was cleared; commands of the I/O queues are finishing, CSTS.RDY is still 1.</summary>
    Resetting,

    /// <summary>CC.SHN was set; I/O queues end and back ends flush, CSTS.SHST = 01b.</summary>
    ShuttingDown,

    /// <summary>CSTS.SHST = 10b.</summary>
    ShutDown,

    /// <summary>CSTS.CFS = 1.</summary>
    Failed,

    /// <summary>The association is ending; the identifier is reused once every queue pair is gone.</summary>
    Ended,
}
