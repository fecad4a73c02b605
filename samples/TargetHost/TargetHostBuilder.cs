using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Connections;
using Nvmf.Hosting;
using Nvmf.Hosting.Disks;
using Nvmf.Transport.Rdma;
using TargetHost.CommandLine;
using TargetHost.Control;

namespace TargetHost;

/// <summary>Makes the host of the target.</summary>
internal static class TargetHostBuilder
{
    public static IHost Build(TargetHostOptions options) => ProgramHost.Build(
        options,
        builder => AddTarget(builder, options),
        app => new ControlEndPoints(app.Services.GetRequiredService<INvmeTargetControl>(), app.Services.GetRequiredService<HealthCheckService>()).Map(app));

    private static void AddTarget(IHostApplicationBuilder builder, TargetHostOptions options)
    {
        builder.Services.Configure<RdmaTransportOptions>(rdma => rdma.UseSharedReceiveQueue = options.RdmaSharedReceiveQueue);
        builder.Services.AddNvmeTransport(target => Configure(target, options));
        if (options.Http is not null)
        {
            builder.Services.AddHealthChecks().AddNvmeTarget();
        }
    }

    private static void Configure(NvmeTransportOptions target, TargetHostOptions options)
    {
        target.Loops = options.Loops;
        target.Pin = options.Pin;
        target.Spin = options.Spin;
        target.ZeroCopy = options.ZeroCopy;
        target.PoolLimit = options.PoolLimit;
        target.Poison = options.Poison;
        foreach (FabricsAddress address in options.Listen)
        {
            target.Listen(address.ToString());
        }

        target.AddSubsystem(options.Nqn, subsystem =>
        {
            foreach (DiskSpecification disk in options.Disks)
            {
                subsystem.AddNamespace(disk.ToString());
            }

            foreach (string host in options.Hosts)
            {
                subsystem.AllowHost(host);
            }

            foreach (NvmeHostSecretOptions secret in options.Secrets)
            {
                subsystem.HostSecrets.Add(secret);
            }

            subsystem.RequireAuthentication = options.RequireAuthentication;
            foreach (DhChapHash hash in options.AuthenticationHashes)
            {
                subsystem.AuthenticationHashes.Add(hash);
            }

            foreach (DhChapGroup group in options.AuthenticationGroups)
            {
                subsystem.AuthenticationGroups.Add(group);
            }
        });
    }
}
