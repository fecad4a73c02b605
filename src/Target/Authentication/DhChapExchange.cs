using System.Security.Cryptography;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Authentication;

/// <summary>One authentication of a host, as a state machine of messages; powers are computed elsewhere. Lives on the queue pair's loop.</summary>
/// <remarks>
/// <code>
///        Send Negotiate          (power)              Receive Challenge        Send Reply          (power)
///  Idle ───────────────► Computing ──► ChallengeReady ─────────────► Challenged ─────────► Computing ──► Success1Ready
///                                                                                                            │ Receive Success1
///  authenticated ◄──────────────────────── the host asked for no proof ──────────────────────────────────────┤
///        ▲                                                                                                   ▼ it did
///        └────────────────────────────────────────────── Send Success2 ──────────────────────────── AwaitingSuccess2 ──Send Failure2──► Failed
///
///  any state ──Send of another message, or of one that is wrong; Receive when there is nothing──► FailureReady ──Receive Failure1──► Failed: the connection ends
/// </code>
/// Without a Diffie-Hellman group nothing is computed and the state moves on at once. A Send that fails is itself a success: its failure is fetched by the next Receive.
/// </remarks>
internal sealed class DhChapExchange(string hostNqn, string subsystemNqn, AuthenticationPolicy policy) : IDisposable
{
    private readonly byte[] _challenge = new byte[DhChapHashes.MaxLength];
    private readonly byte[] _hostChallenge = new byte[DhChapHashes.MaxLength];
    private readonly byte[] _hostResponse = new byte[DhChapHashes.MaxLength];
    private AuthenticationKeys? _keys;
    private DhKeyExchange? _exchange;
    private ushort _transactionId;
    private uint _sequence;
    private uint _hostSequence;

    public DhChapState State { get; private set; }

    /// <summary>Why it failed.</summary>
    public DhChapFailureReason Reason { get; private set; }

    public DhChapHash Hash { get; private set; }

    public DhChapGroup Group { get; private set; }

    /// <summary>The host asked the controller for a proof.</summary>
    public bool IsMutual { get; private set; }

    /// <summary>The key exchange, once it was made; disposed with this.</summary>
    public DhKeyExchange? Exchange => _exchange;

    private DhChapResponse Response => new(Hash, _transactionId, hostNqn, subsystemNqn);

    /// <summary>AUTH_Negotiate came.</summary>
    /// <param name="message">The message.</param>
    /// <param name="keys">The keys of this host, which are the exchange's from now on; null when there are none any more.</param>
    /// <returns>A power must be computed: <see cref="OnExchangeMade"/> follows.</returns>
    public bool OnNegotiate(ReadOnlySpan<byte> message, AuthenticationKeys? keys)
    {
        _keys = keys;
        if (message.Length < DhChapMessage.ShortSize)
        {
            Fail(DhChapFailureReason.IncorrectPayload);
            return false;
        }

        _transactionId = (ushort)(message[4] | (message[5] << 8));
        if (ReadKind(message) != DhChapMessageKind.Negotiate)
        {
            Fail(DhChapFailureReason.IncorrectMessage);
            return false;
        }

        DhChapFailureReason refusal = DhChapNegotiation.Choose(message, policy.Hashes, policy.Groups, out DhChapHash hash, out DhChapGroup group);
        if (keys == null || refusal != DhChapFailureReason.None)
        {
            Fail(keys == null ? DhChapFailureReason.AuthenticationFailed : refusal);
            return false;
        }

        Hash = hash;
        Group = group;
        _sequence = DhChapSequence.Next();
        RandomNumberGenerator.Fill(_challenge.AsSpan(0, hash.Length()));
        State = group == DhChapGroup.Null ? DhChapState.ChallengeReady : DhChapState.Computing;
        return State == DhChapState.Computing;
    }

    /// <summary>The exchange with our value is there; it is disposed with this.</summary>
    public void OnExchangeMade(DhKeyExchange exchange)
    {
        _exchange = exchange;
        State = DhChapState.ChallengeReady;
    }

    /// <summary>Any later message of the host came.</summary>
    /// <param name="message">The message.</param>
    /// <param name="publicValue">The host's value, for the power.</param>
    /// <returns>A power must be computed: <see cref="OnSessionKey"/> follows.</returns>
    public bool OnMessage(ReadOnlySpan<byte> message, out byte[]? publicValue)
    {
        publicValue = null;
        DhChapFailureReason problem = Check(message, out DhChapMessageKind kind);
        if (problem != DhChapFailureReason.None)
        {
            Fail(problem);
            return false;
        }

        switch (kind)
        {
            case DhChapMessageKind.Reply when State == DhChapState.Challenged:
                return OnReply(message, out publicValue);
            case DhChapMessageKind.Success2 when State == DhChapState.AwaitingSuccess2:
                State = DhChapState.Idle;
                return false;
            case DhChapMessageKind.Failure2:
                Reason = (DhChapFailureReason)message[7];
                State = DhChapState.Failed;
                return false;
            default:
                Fail(DhChapFailureReason.IncorrectMessage);
                return false;
        }
    }

    /// <summary>The session key is there, or the host's value could not be used.</summary>
    public void OnSessionKey(ReadOnlySpan<byte> sessionKey)
    {
        if (sessionKey.IsEmpty)
        {
            Fail(DhChapFailureReason.IncorrectPayload);
            return;
        }

        Response.Augment(sessionKey, _challenge.AsSpan(0, Hash.Length()));
        Response.Augment(sessionKey, _hostChallenge.AsSpan(0, Hash.Length()));
        Verify();
    }

    /// <summary>Bytes of the message that the host may fetch now.</summary>
    public int NextLength => State switch
    {
        DhChapState.ChallengeReady => DhChapMessage.Size + Hash.Length() + FiniteFieldGroup.LengthOf(Group),
        DhChapState.Success1Ready => DhChapMessage.Size + Hash.Length(),
        _ => DhChapMessage.ShortSize,
    };

    /// <summary>The host fetches. A failure leaves <see cref="DhChapState.Failed"/>, the last message of a success <see cref="DhChapState.Idle"/>.</summary>
    /// <param name="message">At least <see cref="DhChapMessage.Size"/> bytes, and <see cref="NextLength"/>; zeroes.</param>
    public void WriteNext(Span<byte> message)
    {
        ref DhChapMessage header = ref WireStructure.View<DhChapMessage>(message);
        switch (State)
        {
            case DhChapState.ChallengeReady:
                WriteChallenge(ref header, message[DhChapMessage.Size..]);
                State = DhChapState.Challenged;
                break;
            case DhChapState.Success1Ready:
                WriteSuccess(ref header, message[DhChapMessage.Size..]);
                State = IsMutual ? DhChapState.AwaitingSuccess2 : DhChapState.Idle;
                break;
            default:
                if (State != DhChapState.FailureReady)
                {
                    Fail(DhChapFailureReason.IncorrectMessage);
                }

                header.Kind = DhChapMessageKind.Failure1;
                header.ReasonCode = DhChapMessage.FailedReasonCode;
                header.Reason = Reason;
                State = DhChapState.Failed;
                break;
        }

        header.TransactionId = _transactionId;
    }

    public void Fail(DhChapFailureReason reason)
    {
        Reason = reason;
        State = DhChapState.FailureReady;
    }

    public void Dispose()
    {
        _keys?.Dispose();
        _exchange?.Dispose();
        CryptographicOperations.ZeroMemory(_challenge);
        CryptographicOperations.ZeroMemory(_hostChallenge);
        CryptographicOperations.ZeroMemory(_hostResponse);
    }

    private static DhChapMessageKind ReadKind(ReadOnlySpan<byte> message) => (DhChapMessageKind)(message[0] | (message[1] << 8));

    private DhChapFailureReason Check(ReadOnlySpan<byte> message, out DhChapMessageKind kind)
    {
        kind = default;
        if (message.Length < DhChapMessage.ShortSize)
        {
            return DhChapFailureReason.IncorrectPayload;
        }

        kind = ReadKind(message);
        if (kind is DhChapMessageKind.Reply or DhChapMessageKind.Success2 && message.Length < DhChapMessage.Size)
        {
            return DhChapFailureReason.IncorrectPayload;
        }

        return (message[4] | (message[5] << 8)) == _transactionId ? DhChapFailureReason.None : DhChapFailureReason.IncorrectPayload;
    }

    private bool OnReply(ReadOnlySpan<byte> message, out byte[]? publicValue)
    {
        publicValue = null;
        DhChapMessage header = WireStructure.Read<DhChapMessage>(message);
        ReadOnlySpan<byte> values = message[DhChapMessage.Size..];
        int length = Hash.Length();
        if (header.HashLength != length || header.GroupValueLength != FiniteFieldGroup.LengthOf(Group) || values.Length < (2 * length) + header.GroupValueLength)
        {
            Fail(DhChapFailureReason.IncorrectPayload);
            return false;
        }

        IsMutual = (header.ChallengeValid & 1) != 0;
        values[..length].CopyTo(_hostResponse);
        values.Slice(length, length).CopyTo(_hostChallenge);
        _hostSequence = header.Sequence;

        // A challenge that is thrown back would be answered by whoever made it.
        if (IsMutual && (!_keys!.HasController || _hostChallenge.AsSpan(0, length).SequenceEqual(_challenge.AsSpan(0, length))))
        {
            Fail(DhChapFailureReason.AuthenticationFailed);
            return false;
        }

        if (Group == DhChapGroup.Null)
        {
            Verify();
            return false;
        }

        publicValue = values.Slice(2 * length, header.GroupValueLength).ToArray();
        State = DhChapState.Computing;
        return true;
    }

    private void Verify()
    {
        Span<byte> expected = stackalloc byte[DhChapHashes.MaxLength];
        expected = expected[..Hash.Length()];
        Response.OfHost(_keys!.Host, _challenge.AsSpan(0, expected.Length), _sequence, expected);
        if (CryptographicOperations.FixedTimeEquals(expected, _hostResponse.AsSpan(0, expected.Length)))
        {
            State = DhChapState.Success1Ready;
        }
        else
        {
            Fail(DhChapFailureReason.AuthenticationFailed);
        }

        CryptographicOperations.ZeroMemory(expected);
    }

    private void WriteChallenge(ref DhChapMessage header, Span<byte> values)
    {
        int length = Hash.Length();
        header.Kind = DhChapMessageKind.Challenge;
        header.HashLength = (byte)length;
        header.Hash = (byte)Hash;
        header.Group = (byte)Group;
        header.GroupValueLength = (ushort)FiniteFieldGroup.LengthOf(Group);
        header.Sequence = _sequence;
        _challenge.AsSpan(0, length).CopyTo(values);
        _exchange?.PublicValue.CopyTo(values[length..]);
    }

    private void WriteSuccess(ref DhChapMessage header, Span<byte> values)
    {
        int length = Hash.Length();
        header.Kind = DhChapMessageKind.Success1;
        header.HashLength = (byte)length;
        if (IsMutual)
        {
            header.ResponseValid = 1;
            Response.OfController(_keys!.Controller, _hostChallenge.AsSpan(0, length), _hostSequence, values[..length]);
        }
    }
}
