namespace Nvmf.Initiator.Authentication;

/// <summary>Authentication Send and Receive on one queue.</summary>
internal interface IAuthenticationWire
{
    /// <exception cref="NvmeException">The controller refused the command.</exception>
    Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>Fetches a message; what is behind it in <paramref name="room"/> is zero.</summary>
    /// <exception cref="NvmeException">The controller refused the command.</exception>
    Task ReceiveAsync(Memory<byte> room, CancellationToken cancellationToken);
}
