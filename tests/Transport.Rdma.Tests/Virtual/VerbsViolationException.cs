namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <summary>The transport did what verbs do not allow: real adapters would crash, hang or corrupt.</summary>
internal sealed class VerbsViolationException(string message) : Exception(message);
