using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Nvmf.Samples;

/// <summary>Makes the host of a program: a web host only when HTTP is wanted.</summary>
internal static class ProgramHost
{
    private const long MaxRequestBodySize = 64 << 10;

    /// <param name="options">What is asked for.</param>
    /// <param name="addServices">What the host does.</param>
    /// <param name="mapControl">Adds the control end points; called only when HTTP is wanted.</param>
    public static IHost Build(ProgramOptions options, Action<IHostApplicationBuilder> addServices, Action<WebApplication> mapControl)
    {
        if (options.Http is null)
        {
            HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
            Prepare(builder, options);
            addServices(builder);
            return builder.Build();
        }

        WebApplicationBuilder webBuilder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        Prepare(webBuilder, options);
        addServices(webBuilder);
        webBuilder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxRequestBodySize;
            kestrel.Listen(options.Http);
        });
        WebApplication app = webBuilder.Build();
        mapControl(app);
        return app;
    }

    private static void Prepare(IHostApplicationBuilder builder, ProgramOptions options)
    {
        // The command line says everything: an appsettings.json of the current directory is not even looked for, and what is left of the defaults goes here.
        builder.Configuration.Sources.Clear();
        builder.Logging.ClearProviders();
        var events = new EventLogProvider(Console.Out);
        builder.Services.AddSingleton(events);
        builder.Logging.AddProvider(events);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Logging.AddFilter("Nvmf", options.Verbose ? LogLevel.Debug : LogLevel.Information);
    }
}
