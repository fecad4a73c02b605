using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Hosting;
using static Nvmf.Samples.ControlRequest;

namespace TargetHost.Control;

/// <summary>Health and control over HTTP.</summary>
internal sealed class ControlEndPoints(INvmeTargetControl control, HealthCheckService health)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", Guard(GetHealthAsync));
        routes.MapGet("/listeners", Guard(context => WriteAsync(
            context, [.. control.Listeners.Select(l => l.ToMessage())], ControlJsonContext.Default.IReadOnlyListListenerMessage)));
        routes.MapPost("/listeners", Guard(AddListenerAsync));
        routes.MapDelete("/listeners", Guard(async context => await WriteDrainedAsync(
            context, await control.RemoveListenerAsync(Query(context, "address"), OptionalSeconds(context, "graceful")))));
        routes.MapGet("/queuepairs", Guard(context => WriteAsync(
            context, [.. control.QueuePairs.Select(q => q.ToMessage())], ControlJsonContext.Default.IReadOnlyListQueuePairMessage)));
        routes.MapGet("/subsystems", Guard(context => WriteAsync(
            context, [.. control.Subsystems.Select(s => s.ToMessage())], ControlJsonContext.Default.IReadOnlyListSubsystemMessage)));
        routes.MapPost("/namespaces", Guard(AddNamespaceAsync));
        routes.MapPatch("/namespaces", Guard(ResizeNamespaceAsync));
        routes.MapDelete("/namespaces", Guard(RemoveNamespaceAsync));
        routes.MapPost("/hosts", Guard(AllowHostAsync));
        routes.MapDelete("/hosts", Guard(RemoveHostAsync));
        routes.MapFallback(Guard(context => throw new NvmeTargetException(NvmeTargetError.NotFound, $"There is nothing at {context.Request.Path}.")));
    }

    private async Task GetHealthAsync(HttpContext context)
    {
        HealthReport report = await health.CheckHealthAsync(context.RequestAborted);
        HealthReportEntry entry = report.Entries["nvme"];
        var message = new HealthMessage(
            entry.Status.ToString(),
            entry.Description,
            entry.Data.ToDictionary(d => d.Key, d => Convert.ToInt64(d.Value, CultureInfo.InvariantCulture)));
        await WriteAsync(
            context,
            message,
            ControlJsonContext.Default.HealthMessage,
            entry.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK);
    }

    private async Task AddListenerAsync(HttpContext context)
    {
        AddListenerMessage request = await ReadAsync(context, ControlJsonContext.Default.AddListenerMessage);
        NvmeListenerInfo listener = await control.AddListenerAsync(Required(request.Address, "address"), context.RequestAborted);
        await WriteAsync(context, listener.ToMessage(), ControlJsonContext.Default.ListenerMessage, StatusCodes.Status201Created);
    }

    private async Task AddNamespaceAsync(HttpContext context)
    {
        AddNamespaceMessage request = await ReadAsync(context, ControlJsonContext.Default.AddNamespaceMessage);
        string nqn = Required(request.Nqn, "nqn");
        var options = new NvmeNamespaceOptions { Disk = Required(request.Disk, "disk"), Nsid = request.Nsid, Uuid = request.Uuid };
        uint nsid = await control.AddNamespaceAsync(nqn, options, context.RequestAborted);
        await WriteAsync(context, new NamespaceAddedMessage(nqn, nsid), ControlJsonContext.Default.NamespaceAddedMessage, StatusCodes.Status201Created);
    }

    private async Task ResizeNamespaceAsync(HttpContext context)
    {
        ResizeNamespaceMessage request = await ReadAsync(context, ControlJsonContext.Default.ResizeNamespaceMessage);
        if (!ByteSize.TryParse(Required(request.Size, "size"), out long bytes, out string? error))
        {
            throw new BadHttpRequestException(error);
        }

        uint nsid = request.Nsid ?? throw new BadHttpRequestException("'nsid' is missing.");
        await control.ResizeNamespaceAsync(Required(request.Nqn, "nqn"), nsid, bytes, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task RemoveNamespaceAsync(HttpContext context)
    {
        if (!uint.TryParse(Query(context, "nsid"), NumberStyles.None, CultureInfo.InvariantCulture, out uint nsid))
        {
            throw new BadHttpRequestException("'nsid' is not a number.");
        }

        await control.RemoveNamespaceAsync(Query(context, "nqn"), nsid, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task AllowHostAsync(HttpContext context)
    {
        HostRequestMessage request = await ReadAsync(context, ControlJsonContext.Default.HostRequestMessage);
        string nqn = Required(request.Nqn, "nqn");
        string host = Required(request.Host, "host");
        if (request.Secret is { } secret)
        {
            control.AllowHost(nqn, new NvmeHostSecretOptions { Host = host, Secret = secret, ControllerSecret = request.ControllerSecret });
        }
        else if (request.ControllerSecret is not null)
        {
            throw new BadHttpRequestException("'controllerSecret' needs 'secret'.");
        }
        else if (host != "*")
        {
            control.AllowHost(nqn, host);
        }
        else
        {
            await control.SetAllowAnyHostAsync(nqn, allow: true, context.RequestAborted);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task RemoveHostAsync(HttpContext context)
    {
        string nqn = Query(context, "nqn");
        await WriteDrainedAsync(context, Query(context, "host") is not "*" and var host
            ? await control.RemoveHostAsync(nqn, host)
            : await control.SetAllowAnyHostAsync(nqn, allow: false));
    }

    private static Task WriteDrainedAsync(HttpContext context, IReadOnlyList<DrainReport> reports) =>
        WriteAsync(context, reports.ToMessage(), ControlJsonContext.Default.DrainedMessage);
}
