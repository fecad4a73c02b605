using System.Security.Cryptography;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Authentication;

/// <summary>The host's side of one authentication (NVMe Base, DH-HMAC-CHAP).</summary>
/// <remarks>
/// <code>
///  Send Negotiate ──► Receive Challenge ──► Send Reply ──► Receive Success1 ──► authenticated
///                         │      │                              │    └──the controller had to prove itself, and has──► Send Success2 ──► authenticated
///                         │      └──unusable──► Send Failure2   └──it has not──► Send Failure2
///                         └── at each Receive: Failure1
/// </code>
/// Every other message, and every wrong field, is an error. The deadline is the caller's.
/// </remarks>
internal sealed class AuthenticationExchange : IDisposable
{
    // Longer than any message: 16 bytes, a challenge and a value of 8192 bits.
    private const int RoomLength = 4096;

    private readonly IAuthenticationWire _wire;
    private readonly NvmeConnectOptions _options;
    private readonly ushort _transactionId;
    private readonly byte[] _room = new byte[RoomLength];
    private readonly byte[] _key = GC.AllocateUninitializedArray<byte>(DhChapSecret.MaxLength, pinned: true);
    private readonly byte[] _sessionKey = GC.AllocateUninitializedArray<byte>(FiniteFieldGroup.LengthOf(DhChapGroup.Ffdhe8192), pinned: true);
    private readonly byte[] _challenge = new byte[DhChapHashes.MaxLength];
    private readonly byte[] _ownChallenge = new byte[DhChapHashes.MaxLength];
    private DhChapHash _hash;
    private DhChapGroup _group;
    private uint _sequence;
    private uint _ownSequence;
    private DhKeyExchange? _exchange;

    public AuthenticationExchange(IAuthenticationWire wire, NvmeConnectOptions options, ushort transactionId)
    {
        _wire = wire;
        _options = options;
        _transactionId = transactionId;
    }

    private bool WantsProof => _options.ControllerSecret is not null;

    private DhChapResponse Response => new(_hash, _transactionId, _options.EffectiveHostNqn, _options.SubsystemNqn);

    /// <summary>Ends when both sides have proven themselves who had to.</summary>
    /// <exception cref="NvmeAuthenticationException">One has not.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        DhChapNegotiation.Write(_room, _transactionId, _options.AuthenticationHashes, _options.AuthenticationGroups);
        await _wire.SendAsync(_room.AsMemory(0, DhChapNegotiation.Length), cancellationToken).ConfigureAwait(false);

        await _wire.ReceiveAsync(_room, cancellationToken).ConfigureAwait(false);
        var problem = ReadChallenge();
        if (problem == DhChapFailureReason.None && _group != DhChapGroup.Null)
        {
            // Off the loop, should this be one: a power takes milliseconds.
            problem = await Task.Run(DeriveSessionKey, cancellationToken).ConfigureAwait(false);
        }

        await RefuseAsync(problem, "sent a challenge that cannot be used", cancellationToken).ConfigureAwait(false);
        await _wire.SendAsync(_room.AsMemory(0, WriteReply()), cancellationToken).ConfigureAwait(false);

        await _wire.ReceiveAsync(_room, cancellationToken).ConfigureAwait(false);
        await RefuseAsync(ReadSuccess(), "did not prove who it is", cancellationToken).ConfigureAwait(false);
        if (WantsProof)
        {
            await _wire.SendAsync(_room.AsMemory(0, WriteSuccess()), cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _exchange?.Dispose();
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_sessionKey);
        CryptographicOperations.ZeroMemory(_challenge);
        CryptographicOperations.ZeroMemory(_ownChallenge);
    }

    private DhChapFailureReason ReadChallenge()
    {
        var header = ReadHeader(DhChapMessageKind.Challenge, out var problem);
        if (problem != DhChapFailureReason.None)
        {
            return problem;
        }

        if (!_options.AuthenticationHashes.Contains((DhChapHash)header.Hash))
        {
            return DhChapFailureReason.HashNotUsable;
        }

        if (!_options.AuthenticationGroups.Contains((DhChapGroup)header.Group))
        {
            return DhChapFailureReason.GroupNotUsable;
        }

        _hash = (DhChapHash)header.Hash;
        _group = (DhChapGroup)header.Group;
        if (header.HashLength != _hash.Length() || header.GroupValueLength != FiniteFieldGroup.LengthOf(_group))
        {
            return DhChapFailureReason.IncorrectPayload;
        }

        _sequence = header.Sequence;
        _room.AsSpan(DhChapMessage.Size, _hash.Length()).CopyTo(_challenge);
        return DhChapFailureReason.None;
    }

    private DhChapFailureReason DeriveSessionKey()
    {
        var group = FiniteFieldGroup.Get(_group);
        _exchange = new DhKeyExchange(group);
        return _exchange.TryDerive(_room.AsSpan(DhChapMessage.Size + _hash.Length(), group.Length), _sessionKey.AsSpan(0, group.Length))
            ? DhChapFailureReason.None
            : DhChapFailureReason.IncorrectPayload;
    }

    /// <returns>Bytes of the message.</returns>
    private int WriteReply()
    {
        var length = _hash.Length();
        var room = _room.AsSpan();
        room.Clear();
        ref var header = ref WireStructure.View<DhChapMessage>(room);
        header.Kind = DhChapMessageKind.Reply;
        header.TransactionId = _transactionId;
        header.HashLength = (byte)length;
        header.GroupValueLength = (ushort)FiniteFieldGroup.LengthOf(_group);
        var values = room[DhChapMessage.Size..];
        if (WantsProof)
        {
            RandomNumberGenerator.Fill(_ownChallenge.AsSpan(0, length));
            _ownSequence = DhChapSequence.Next();
            header.ChallengeValid = 1;
            header.Sequence = _ownSequence;
            _ownChallenge.AsSpan(0, length).CopyTo(values[length..]);
        }

        if (_exchange is not null)
        {
            var sessionKey = _sessionKey.AsSpan(0, header.GroupValueLength);
            Response.Augment(sessionKey, _challenge.AsSpan(0, length));
            Response.Augment(sessionKey, _ownChallenge.AsSpan(0, length));
            _exchange.PublicValue.CopyTo(values[(2 * length)..]);
        }

        var keyLength = _options.HostSecret!.Derive(_options.EffectiveHostNqn, _key);
        Response.OfHost(_key.AsSpan(0, keyLength), _challenge.AsSpan(0, length), _sequence, values[..length]);
        return DhChapMessage.Size + (2 * length) + header.GroupValueLength;
    }

    private DhChapFailureReason ReadSuccess()
    {
        var header = ReadHeader(DhChapMessageKind.Success1, out var problem);
        if (problem != DhChapFailureReason.None || !WantsProof)
        {
            return problem;
        }

        var length = _hash.Length();
        if (header.HashLength != length)
        {
            return DhChapFailureReason.IncorrectPayload;
        }

        Span<byte> expected = stackalloc byte[length];
        var keyLength = _options.ControllerSecret!.Derive(_options.SubsystemNqn, _key);
        Response.OfController(_key.AsSpan(0, keyLength), _ownChallenge.AsSpan(0, length), _ownSequence, expected);
        return (header.ResponseValid & 1) != 0 && CryptographicOperations.FixedTimeEquals(expected, _room.AsSpan(DhChapMessage.Size, length))
            ? DhChapFailureReason.None
            : DhChapFailureReason.AuthenticationFailed;
    }

    private int WriteSuccess()
    {
        _room.AsSpan(0, DhChapMessage.Size).Clear();
        ref var header = ref WireStructure.View<DhChapMessage>(_room);
        header.Kind = DhChapMessageKind.Success2;
        header.TransactionId = _transactionId;
        return DhChapMessage.Size;
    }

    /// <exception cref="NvmeAuthenticationException">It is a failure.</exception>
    private DhChapMessage ReadHeader(DhChapMessageKind expected, out DhChapFailureReason problem)
    {
        var header = WireStructure.Read<DhChapMessage>(_room);
        if (header.Kind == DhChapMessageKind.Failure1)
        {
            throw new NvmeAuthenticationException($"Subsystem {_options.SubsystemNqn} refuses host {_options.EffectiveHostNqn}: {Describe(header.Reason)}.", header.Reason);
        }

        problem = header.Kind != expected ? DhChapFailureReason.IncorrectMessage
            : header.TransactionId != _transactionId ? DhChapFailureReason.IncorrectPayload
            : DhChapFailureReason.None;
        return header;
    }

    /// <summary>Tells the controller of a problem, then the caller. Does nothing when there is none.</summary>
    private async Task RefuseAsync(DhChapFailureReason problem, string what, CancellationToken cancellationToken)
    {
        if (problem == DhChapFailureReason.None)
        {
            return;
        }

        WriteFailure(problem);
        try
        {
            await _wire.SendAsync(_room.AsMemory(0, DhChapMessage.ShortSize), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or TimeoutException)
        {
            // The connection ends anyway.
        }

        throw new NvmeAuthenticationException($"The controller of subsystem {_options.SubsystemNqn} {what}: {Describe(problem)}.", problem);
    }

    private void WriteFailure(DhChapFailureReason problem)
    {
        _room.AsSpan(0, DhChapMessage.Size).Clear();
        ref var header = ref WireStructure.View<DhChapMessage>(_room);
        header.Kind = DhChapMessageKind.Failure2;
        header.TransactionId = _transactionId;
        header.ReasonCode = DhChapMessage.FailedReasonCode;
        header.Reason = problem;
    }

    private static string Describe(DhChapFailureReason reason) => reason switch
    {
        DhChapFailureReason.AuthenticationFailed => "authentication failed (a wrong secret, or none)",
        DhChapFailureReason.ProtocolNotUsable => "no authentication protocol in common",
        DhChapFailureReason.SecureChannelMismatch => "a secure channel is wanted by one side only",
        DhChapFailureReason.HashNotUsable => "no hash function in common",
        DhChapFailureReason.GroupNotUsable => "no Diffie-Hellman group in common",
        DhChapFailureReason.IncorrectPayload => "a field of a message is wrong",
        DhChapFailureReason.IncorrectMessage => "a message that does not belong there",
        _ => $"reason {(byte)reason}",
    };
}
