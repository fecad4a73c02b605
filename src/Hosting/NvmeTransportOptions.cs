using Nvmf.Hosting.Relay;

namespace Nvmf.Hosting;

/// <summary>
/// What to serve and how. Bound from the configuration section <c>Nvme</c> first, then changed by the delegates given in code; read once,
/// when the host starts. Every mistake in it fails the start with one sentence.
/// </summary>
public sealed class NvmeTransportOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string SectionName = "Nvme";

    /// <summary>Addresses to listen on, for example <c>tcp://0.0.0.0:4420</c>. May be empty: end points can come from Kestrel or at run time.</summary>
    public IList<string> Listeners { get; } = [];

    /// <summary>Subsystems to serve besides discovery.</summary>
    public IList<NvmeSubsystemOptions> Subsystems { get; } = [];

    /// <summary>
    /// Other discovery controllers that the discovery log refers hosts to, for example <c>tcp://192.0.2.7:8009</c>: IP addresses, no host names. At most 256.
    /// </summary>
    public IList<string> Referrals { get; } = [];

    /// <summary>Addresses whose connections are relayed.</summary>
    public IList<NvmeRelayOptions> Relays { get; } = [];

    /// <summary>Number of event loop threads, 1..1024. Null (default): the transport's default.</summary>
    public int? Loops { get; set; }

    /// <summary>Pin each event loop thread to a processor of its own.</summary>
    public bool Pin { get; set; }

    /// <summary>How long an event loop polls before it sleeps. Default 0: idle loops use no processor time. At most 1 s.</summary>
    public TimeSpan Spin { get; set; }

    /// <summary>
    /// When data is sent without copying: <c>auto</c> (default: above a threshold, except to the own machine), <c>always</c>, <c>never</c>, or a size from
    /// which on.
    /// </summary>
    public string ZeroCopy { get; set; } = "auto";

    /// <summary>Upper bound of buffer memory, 16 MiB to 4 TiB. Default 256 MiB.</summary>
    public string PoolLimit { get; set; } = "256MiB";

    /// <summary>Overwrite and check every released buffer: finds use after release, costs a memory write per release.</summary>
    public bool Poison { get; set; }

    /// <summary>How long each stage of a queue pair's end may take.</summary>
    public NvmeDeadlineOptions Deadlines { get; } = new();

    /// <summary>Adds an address to listen on.</summary>
    public NvmeTransportOptions Listen(string address)
    {
        Listeners.Add(address);
        return this;
    }

    /// <summary>Refers hosts to another discovery controller.</summary>
    public NvmeTransportOptions AddReferral(string address)
    {
        Referrals.Add(address);
        return this;
    }

    /// <summary>Relays connections to <paramref name="from"/>, whatever their protocol, to the addresses <paramref name="to"/>, in turn.</summary>
    public NvmeTransportOptions Relay(string from, params string[] to)
    {
        ArgumentNullException.ThrowIfNull(to);
        var relay = new NvmeRelayOptions { Listen = from };
        foreach (string upstream in to)
        {
            relay.Upstreams.Add(upstream);
        }

        Relays.Add(relay);
        return this;
    }

    /// <summary>Adds a subsystem, or goes on with the one of that name.</summary>
    public NvmeTransportOptions AddSubsystem(string nqn, Action<NvmeSubsystemOptions>? configure = null)
    {
        NvmeSubsystemOptions? subsystem = Subsystems.FirstOrDefault(s => s.Nqn == nqn);
        if (subsystem is null)
        {
            subsystem = new NvmeSubsystemOptions { Nqn = nqn };
            Subsystems.Add(subsystem);
        }

        configure?.Invoke(subsystem);
        return this;
    }
}
