namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>One step of a run, with two numbers that each kind reads in its own way.</summary>
public sealed record Operation(OperationKind Kind, int A, int B);

/// <summary>Who does what.</summary>
public enum OperationKind
{
    // The protocol, on the loop.
    AppendData,
    AppendHeader,
    AppendManyPieces,
    Flush,
    ReceiveInto,
    PauseOrResume,
    BeginCommand,
    EndCommand,

    // The world outside of the loop.
    BeginTeardown,
    AbortLifecycle,
    AbortConnection,
    TimePasses,
    RunLoop,
    DeliverReadiness,
    DeliverSpuriousReadiness,

    // The peer.
    PeerSends,
    PeerAcknowledges,
    PeerSendsFin,
    PeerSendsReset,

    // Kernel, adapter and what lies between them.
    Transmit,
    Free,
    Notify,
    NotifyOutOfOrder,
    NotifyAgain,
    RefuseSend,
    RefuseZeroCopy,
    RefuseReceive,
    RefuseOther,
}
