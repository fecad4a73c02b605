using Microsoft.AspNetCore.Server.Kestrel.Core;
using Nvmf.Target;

namespace Nvmf.Hosting.Kestrel;

/// <summary>
/// The entry of an end point inside Kestrel in the discovery log: one, for however many addresses Kestrel binds for it. Guarded by the lock of its
/// <see cref="KestrelPorts"/>.
/// </summary>
internal sealed class KestrelPort(ListenOptions listenOptions)
{
    public ListenOptions ListenOptions => listenOptions;

    /// <summary>Null until there is an entry. Kept when it is removed, so that a connection which comes late is refused rather than announced anew.</summary>
    public TargetPort? Entry { get; set; }

    /// <summary>Addresses bound by the event loops; only they tell of their end.</summary>
    public int Listeners { get; set; }
}
