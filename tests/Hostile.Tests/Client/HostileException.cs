namespace Nvmf.Hostile.Tests.Client;

/// <summary>The target did something it must not do.</summary>
public sealed class HostileException(string message) : Exception(message);
