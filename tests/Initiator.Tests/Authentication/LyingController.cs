using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Nvmf.Abstractions.Authentication;
using Nvmf.Initiator.Authentication;

namespace Nvmf.Initiator.Tests.Authentication;

/// <summary>The controller's side of an exchange in memory, with the keys as they are; a test injures what it says. Of the library it has the primes.</summary>
internal sealed class LyingController(byte[] hostKey, byte[] controllerKey, string hostNqn, string subsystemNqn, DhChapGroup group) : IAuthenticationWire
{
    private static readonly BigInteger Exponent = new(0x5EED_5EED_5EED_5EED);

    private readonly byte[] _challenge = RandomNumberGenerator.GetBytes(32);
    private byte[] _reply = [];
    private ushort _transactionId;

    /// <summary>Changes the challenge before it goes out.</summary>
    public Func<byte[], byte[]> InjureChallenge { get; init; } = static message => message;

    /// <summary>Changes Success1 before it goes out.</summary>
    public Func<byte[], byte[]> InjureSuccess { get; init; } = static message => message;

    /// <summary>The last message of the host.</summary>
    public byte[] Last { get; private set; } = [];

    /// <summary>The host's response was right.</summary>
    public bool HostIsRight { get; private set; }

    public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        Last = message.ToArray();
        if (Last is [0, 0, ..])
        {
            _transactionId = BitConverter.ToUInt16(Last, 4);
        }
        else if (Last is [1, 2, ..])
        {
            _reply = Last;
        }

        return Task.CompletedTask;
    }

    public Task ReceiveAsync(Memory<byte> room, CancellationToken cancellationToken)
    {
        room.Span.Clear();
        (_reply.Length == 0 ? InjureChallenge(Challenge()) : InjureSuccess(Success1())).CopyTo(room);
        return Task.CompletedTask;
    }

    private byte[] Challenge()
    {
        var value = group == DhChapGroup.Null ? [] : ToBytes(BigInteger.ModPow(2, Exponent, FiniteFieldGroup.Get(group).Prime));
        return
        [
            1, 1, 0, 0, (byte)_transactionId, (byte)(_transactionId >> 8), 32, 0, 1, (byte)group, (byte)value.Length, (byte)(value.Length >> 8), 0x78, 0x56, 0x34, 0x12,
            .. _challenge, .. value,
        ];
    }

    private byte[] Success1()
    {
        var challenge = _challenge;
        var hostChallenge = _reply[48..80];
        if (group != DhChapGroup.Null)
        {
            var value = new BigInteger(_reply.AsSpan(80), isUnsigned: true, isBigEndian: true);
            var digest = SHA256.HashData(ToBytes(BigInteger.ModPow(value, Exponent, FiniteFieldGroup.Get(group).Prime)));
            challenge = HMACSHA256.HashData(digest, challenge);
            hostChallenge = HMACSHA256.HashData(digest, hostChallenge);
        }

        byte[] input = [.. challenge, 0x78, 0x56, 0x34, 0x12, .. _reply[4..6], 0, .. Encoding.ASCII.GetBytes($"HostHost{hostNqn}\0{subsystemNqn}")];
        HostIsRight = HMACSHA256.HashData(hostKey, input).AsSpan().SequenceEqual(_reply.AsSpan(16, 32));
        var mutual = (_reply[8] & 1) != 0;
        input = [.. hostChallenge, .. _reply[12..16], .. _reply[4..6], 0, .. Encoding.ASCII.GetBytes($"Controller{subsystemNqn}\0{hostNqn}")];
        return
        [
            1, 3, 0, 0, (byte)_transactionId, (byte)(_transactionId >> 8), 32, 0, (byte)(mutual ? 1 : 0), .. new byte[7], .. mutual ? HMACSHA256.HashData(controllerKey, input) : new byte[32],
        ];
    }

    private byte[] ToBytes(BigInteger value)
    {
        var bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[FiniteFieldGroup.Get(group).Length - bytes.Length], .. bytes];
    }
}
