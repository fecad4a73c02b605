namespace Nvmf.Target.Queues;

/// <summary>Offsets of Connect's fields, as the host is told them (IPO): in the submission queue entry or in the data.</summary>
internal static class ConnectField
{
    /// <summary>QID, in the entry.</summary>
    public const int QueueId = 42;

    /// <summary>SQSIZE, in the entry.</summary>
    public const int QueueSize = 44;

    /// <summary>HOSTID, in the data.</summary>
    public const int HostId = 0;

    /// <summary>CNTLID, in the data.</summary>
    public const int ControllerId = 16;

    /// <summary>SUBNQN, in the data.</summary>
    public const int SubsystemNqn = 256;

    /// <summary>HOSTNQN, in the data.</summary>
    public const int HostNqn = 512;
}
