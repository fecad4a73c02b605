using System.Security.Cryptography;
using Nvmf.Abstractions.Authentication;

namespace Nvmf.Target.Authentication;

/// <summary>The transformed keys of one exchange, overwritten at its end.</summary>
internal sealed class AuthenticationKeys : IDisposable
{
    private readonly byte[] _host = GC.AllocateUninitializedArray<byte>(DhChapSecret.MaxLength, pinned: true);
    private readonly byte[] _controller = GC.AllocateUninitializedArray<byte>(DhChapSecret.MaxLength, pinned: true);
    private readonly int _hostLength;
    private readonly int _controllerLength;

    public AuthenticationKeys(HostSecrets secrets, string hostNqn, string subsystemNqn)
    {
        _hostLength = secrets.Host.Derive(hostNqn, _host);
        HasController = secrets.Controller != null;
        _controllerLength = secrets.Controller?.Derive(subsystemNqn, _controller) ?? 0;
    }

    public bool HasController { get; }

    public ReadOnlySpan<byte> Host => _host.AsSpan(0, _hostLength);

    public ReadOnlySpan<byte> Controller => _controller.AsSpan(0, _controllerLength);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_host);
        CryptographicOperations.ZeroMemory(_controller);
    }
}
