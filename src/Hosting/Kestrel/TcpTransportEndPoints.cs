namespace Nvmf.Hosting.Kestrel;

/// <summary>The end points that <c>UseTcpTransport()</c> was called for.</summary>
internal sealed class TcpTransportEndPoints : EndPointSet;
