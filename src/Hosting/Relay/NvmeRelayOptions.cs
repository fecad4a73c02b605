namespace Nvmf.Hosting.Relay;

/// <summary>One address whose connections are relayed.</summary>
public sealed class NvmeRelayOptions
{
    /// <summary>Where to listen, for example <c>tcp://0.0.0.0:4420</c>.</summary>
    public string Listen { get; set; } = "";

    /// <summary>Where connections go, in turn, for example <c>tcp://10.0.0.5:4420</c>. At least one.</summary>
    public IList<string> Upstreams { get; } = [];
}
