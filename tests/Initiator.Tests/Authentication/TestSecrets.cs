using Nvmf.Abstractions.Authentication;
using Nvmf.Initiator.Tests.Fakes;
using Nvmf.Target;

namespace Nvmf.Initiator.Tests.Authentication;

/// <summary>Secrets as `nvme gen-dhchap-key` prints them.</summary>
internal static class TestSecrets
{
    public const string HostNqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    public const string Host = "DHHC-1:01:ISgvNj1ES1JZYGdudXyDipGYn6attLvCydDX3uXs8/rmV109:";
    public const string Controller = "DHHC-1:02:MjlAR05VXGNqcXh/ho2Um6KpsLe+xczT2uHo7/b9BAsSGSAnLjU8Q0pRWF9mbXR7YYoqlA==:";
    public const string Wrong = "DHHC-1:00:ICcuNTxDSlFYX2ZtdHuCiZCXnqWss7rByM/W3eTr8vmMpzdS:";

    public static NvmeConnectOptions Options(string? host = Host, string? controller = null) => new()
    {
        SubsystemNqn = TargetFixture.Nqn,
        HostNqn = HostNqn,
        HostSecret = host is null ? null : DhChapSecret.Parse(host),
        ControllerSecret = controller is null ? null : DhChapSecret.Parse(controller),
    };

    public static void Require(Subsystem subsystem, string host = Host, string? controller = Controller)
    {
        using var hostSecret = DhChapSecret.Parse(host);
        using var controllerSecret = controller is null ? null : DhChapSecret.Parse(controller);
        subsystem.AllowHost(HostNqn, new HostSecrets(hostSecret, controllerSecret));
    }
}
