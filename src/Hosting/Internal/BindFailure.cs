using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Connections;

namespace Nvmf.Hosting.Internal;

/// <summary>Says why an address cannot be listened on.</summary>
internal static class BindFailure
{
    public static NvmeTargetException ToException(FabricsAddress address, Exception error) =>
        new(
            error is AddressInUseException || FindSocketError(error) == SocketError.AddressAlreadyInUse ? NvmeTargetError.Conflict : NvmeTargetError.Unavailable,
            $"Cannot listen on {address}: {Reason(address, error)}.",
            error);

    private static string Reason(FabricsAddress address, Exception error) => error is AddressInUseException
        ? "the port is in use"
        : FindSocketError(error) switch
        {
            SocketError.AddressAlreadyInUse => "the port is in use",
            SocketError.AddressNotAvailable => $"{address.Host} is not an address of this machine",
            SocketError.AccessDenied => $"no permission to use port {address.Port}",
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"the host name '{address.Host}' cannot be resolved",
            SocketError.AddressFamilyNotSupported => "this machine has no IPv6",
            _ => ErrorText.Sentence(error).TrimEnd('.'),
        };

    private static SocketError? FindSocketError(Exception? error) => error switch
    {
        null => null,
        SocketException socket => socket.SocketErrorCode,
        _ => FindSocketError(error.InnerException),
    };
}
