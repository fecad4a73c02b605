namespace Nvmf.Bench.Load;

/// <summary>Something to tell the person in one sentence.</summary>
internal sealed class LoadException(string message) : Exception(message);
