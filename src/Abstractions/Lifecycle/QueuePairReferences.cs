namespace Nvmf.Abstractions.Lifecycle;

/// <summary>References to a queue pair by kind at one moment, for diagnosis.</summary>
public readonly record struct QueuePairReferences(int Commands, int Transmissions, int PostedReceives, int Events, int Registrations);
