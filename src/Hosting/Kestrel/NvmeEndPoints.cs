namespace Nvmf.Hosting.Kestrel;

/// <summary>The end points that <c>UseNvmeTarget()</c> was called for.</summary>
internal sealed class NvmeEndPoints : EndPointSet;
