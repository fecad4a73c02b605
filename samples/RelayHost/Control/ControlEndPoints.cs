using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Nvmf.Hosting;
using Nvmf.Hosting.Relay;
using static Nvmf.Samples.ControlRequest;

namespace RelayHost.Control;

/// <summary>Status and control over HTTP.</summary>
internal sealed class ControlEndPoints(INvmeRelayControl control)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", Guard(GetHealthAsync));
        routes.MapGet("/status", Guard(context => WriteAsync(context, control.ToStatus(), ControlJsonContext.Default.StatusMessage)));
        routes.MapPost("/listeners", Guard(AddListenerAsync));
        routes.MapDelete("/listeners", Guard(RemoveListenerAsync));
        routes.MapFallback(Guard(context => throw new NvmeTargetException(NvmeTargetError.NotFound, $"There is nothing at {context.Request.Path}.")));
    }

    private Task GetHealthAsync(HttpContext context)
    {
        IReadOnlyList<NvmeRelayInfo> relays = control.Relays;
        (string status, string description) = relays switch
        {
            _ when relays.FirstOrDefault(r => !r.Accepting && !r.Removing) is { } deaf => ("Unhealthy", $"The listener {deaf.Address} does not accept any more."),
            _ when relays.FirstOrDefault(r => r.Upstreams.All(u => !u.IsHealthy)) is { } cut => ("Unhealthy", $"No upstream of {cut.Address} can be reached."),
            _ when relays.SelectMany(r => r.Upstreams).FirstOrDefault(u => !u.IsHealthy) is { } down => ("Degraded", $"The upstream {down.EndPoint} cannot be reached."),
            _ => ("Healthy", "The relay is listening."),
        };
        return WriteAsync(
            context,
            new HealthMessage(status, description),
            ControlJsonContext.Default.HealthMessage,
            status == "Unhealthy" ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private async Task AddListenerAsync(HttpContext context)
    {
        AddListenerMessage request = await ReadAsync(context, ControlJsonContext.Default.AddListenerMessage);
        if (request.Address is not { } address || request.Upstreams is not { } upstreams)
        {
            throw new BadHttpRequestException("'address' and 'upstreams' are needed.");
        }

        NvmeRelayInfo relay = await control.AddAsync(address, upstreams, context.RequestAborted);
        await WriteAsync(context, relay.ToMessage(), ControlJsonContext.Default.ListenerMessage, StatusCodes.Status201Created);
    }

    private async Task RemoveListenerAsync(HttpContext context) =>
        await WriteAsync(context, (await control.RemoveAsync(Query(context, "address"))).ToMessage(), ControlJsonContext.Default.DrainedMessage);
}
