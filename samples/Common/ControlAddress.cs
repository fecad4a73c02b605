using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Nvmf.Samples;

/// <summary>Where control is served.</summary>
internal static class ControlAddress
{
    /// <summary>The bound address, in which a port 0 is resolved; null without HTTP. After the start.</summary>
    public static string? Of(IServiceProvider services) =>
        services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
}
