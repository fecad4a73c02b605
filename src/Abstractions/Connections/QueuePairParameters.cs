namespace Nvmf.Abstractions.Connections;

/// <summary>What an accepted Connect command fixed.</summary>
/// <param name="QueueId">0 for the admin queue.</param>
/// <param name="QueueSize">Number of entries (SQSIZE + 1).</param>
/// <param name="SubmissionQueueFlowControlDisabled">CATTR bit 2: SQHD is not maintained and a C2HData SUCCESS flag may stand for a CQE.</param>
public readonly record struct QueuePairParameters(ushort QueueId, int QueueSize, bool SubmissionQueueFlowControlDisabled);
