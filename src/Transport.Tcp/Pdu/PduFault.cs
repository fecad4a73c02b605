using System.Globalization;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>What is wrong with a PDU, as a termination request says it. Fatal for the connection.</summary>
/// <param name="Status">FES.</param>
/// <param name="Information">FEI.</param>
internal readonly record struct PduFault(FatalErrorStatus Status, uint Information)
{
    public static PduFault None => default;

    public static PduFault Sequence => new(FatalErrorStatus.SequenceError, 0);

    public static PduFault OutOfRange => new(FatalErrorStatus.DataOutOfRange, 0);

    public static PduFault LimitExceeded => new(FatalErrorStatus.DataLimitExceeded, 0);

    public static PduFault Disconnect => new(FatalErrorStatus.Disconnect, 0);

    /// <summary>What the end of the connection is reported as.</summary>
    public TeardownCause Cause => Status == FatalErrorStatus.HeaderDigestError ? TeardownCause.DigestError : TeardownCause.ProtocolError;

    public bool IsNone => Status == FatalErrorStatus.None;

    public static PduFault Field(int offset) => new(FatalErrorStatus.InvalidHeaderField, (uint)offset);

    public static PduFault Unsupported(int offset) => new(FatalErrorStatus.UnsupportedParameter, (uint)offset);

    public static PduFault HeaderDigest(uint received) => new(FatalErrorStatus.HeaderDigestError, received);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"FES {(ushort)Status:X2}h FEI {Information:X}h");
}
