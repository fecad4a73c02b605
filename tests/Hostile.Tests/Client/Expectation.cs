using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Hostile.Tests.Client;

/// <summary>What an injury must be answered with; several where the specification leaves the choice.</summary>
internal sealed record Expectation
{
    /// <summary>FES and FEI of a termination request; a null FEI stands for any.</summary>
    public (int Fes, uint? Fei)[] Terminations { get; private init; } = [];

    /// <summary>SCT and SC of a completion.</summary>
    public int[] Statuses { get; private init; } = [];

    public ushort CommandId { get; private init; }

    /// <summary>The stream ends without an answer.</summary>
    public bool IsSilence { get; private init; }

    /// <summary>The PDU in error: a termination request shows the beginning of it.</summary>
    public byte[]? Pdu { get; private init; }

    public static Expectation Silence { get; } = new() { IsSilence = true };

    public static Expectation Termination(byte[] pdu, int fes, uint? fei = 0) => new() { Terminations = [(fes, fei)], Pdu = pdu };

    public static Expectation OneOf(byte[] pdu, params (int Fes, uint? Fei)[] terminations) => new() { Terminations = terminations, Pdu = pdu };

    public static Expectation Status(ushort commandId, params NvmeStatus[] statuses) =>
        new() { CommandId = commandId, Statuses = [.. statuses.Select(status => status.Value & 0x7FF)] };
}
