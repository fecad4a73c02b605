using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;

namespace Nvmf.Target.Tests.Authentication;

/// <summary>
/// A host that authenticates, message by message: written from the specification with .NET's HMAC and BigInteger. Of the library it has the primes, which another test compares
/// with OpenSSL's.
/// </summary>
internal sealed class ChapHost(FakeQueuePair queue, byte[] key, byte[]? controllerKey = null, string hostNqn = Commands.HostNqn, string subsystemNqn = TestTarget.SubsystemNqn)
{
    private const ushort FirstCommandId = 0x4000;

    private static readonly BigInteger Exponent = BigInteger.Parse("73656372657420657870", System.Globalization.CultureInfo.InvariantCulture);

    private int _commands;

    public DhChapHash[] Hashes { get; set; } = [DhChapHash.Sha256];

    public DhChapGroup[] Groups { get; set; } = [DhChapGroup.Null];

    public ushort TransactionId { get; set; } = 0x1234;

    /// <summary>The challenge as it came.</summary>
    public byte[] Challenge { get; private set; } = [];

    private byte[] _hostChallenge = [];

    private byte[] _sessionKey = [];

    public HostRequest Send(byte[] message, Action<SubmissionQueueEntryBox>? change = null, uint? length = null, bool withhold = false)
    {
        SubmissionQueueEntry entry = Entry(FabricsCommandType.AuthenticationSend, length ?? (uint)message.Length);
        var box = new SubmissionQueueEntryBox { Entry = entry };
        change?.Invoke(box);
        return queue.Send(new HostRequest(box.Entry) { HostData = message, InCapsule = !withhold, WithholdData = withhold });
    }

    public async Task<NvmeStatus> SendAsync(byte[] message) => (await Send(message).AnswerAsync()).Status;

    public HostRequest Receive(uint length = 4096, Action<SubmissionQueueEntryBox>? change = null)
    {
        var box = new SubmissionQueueEntryBox { Entry = Entry(FabricsCommandType.AuthenticationReceive, length) };
        change?.Invoke(box);
        return queue.Send(new HostRequest(box.Entry) { DataLength = length });
    }

    public async Task<byte[]> ReceiveAsync()
    {
        Answer answer = await Receive().AnswerAsync();
        Assert.Equal(NvmeStatus.Success, answer.Status);
        return answer.Data;
    }

    /// <summary>A command that an unauthenticated queue refuses.</summary>
    public async Task<NvmeStatus> ProbeAsync()
    {
        HostRequest probe = Commands.Identify(IdentifyCns.Controller);
        probe.Entry.CommandId = NextCommandId();
        return (await queue.Send(probe).AnswerAsync()).Code;
    }

    public byte[] Negotiate()
    {
        var message = new byte[72];
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), TransactionId);
        message[7] = 1;
        message[8] = 1;
        message[10] = (byte)Hashes.Length;
        message[11] = (byte)Groups.Length;
        for (int i = 0; i < Hashes.Length; i++)
        {
            message[12 + i] = (byte)Hashes[i];
        }

        for (int i = 0; i < Groups.Length; i++)
        {
            message[42 + i] = (byte)Groups[i];
        }

        return message;
    }

    /// <summary>The reply to a challenge.</summary>
    public byte[] Reply(byte[] challenge, bool mutual)
    {
        Challenge = challenge;
        Assert.Equal((0x01, 0x01), (challenge[0], challenge[1]));
        Assert.Equal(TransactionId, BinaryPrimitives.ReadUInt16LittleEndian(challenge.AsSpan(4)));
        int length = challenge[6];
        int valueLength = BinaryPrimitives.ReadUInt16LittleEndian(challenge.AsSpan(10));
        byte[] augmented = challenge[16..(16 + length)];
        var reply = new byte[16 + (2 * length) + valueLength];
        if (valueLength != 0)
        {
            BigInteger prime = FiniteFieldGroup.Get((DhChapGroup)challenge[9]).Prime;
            var value = new BigInteger(challenge.AsSpan(16 + length, valueLength), isUnsigned: true, isBigEndian: true);
            _sessionKey = ToBytes(BigInteger.ModPow(value, Exponent, prime), valueLength);
            augmented = Augment(augmented);
            ToBytes(BigInteger.ModPow(2, Exponent, prime), valueLength).CopyTo(reply, 16 + (2 * length));
        }

        reply[0] = 0x01;
        reply[1] = 0x02;
        BinaryPrimitives.WriteUInt16LittleEndian(reply.AsSpan(4), TransactionId);
        reply[6] = (byte)length;
        BinaryPrimitives.WriteUInt16LittleEndian(reply.AsSpan(10), (ushort)valueLength);
        if (mutual)
        {
            reply[8] = 1;
            BinaryPrimitives.WriteUInt32LittleEndian(reply.AsSpan(12), 0xCAFE);
            _hostChallenge = RandomNumberGenerator.GetBytes(length);
            _hostChallenge.CopyTo(reply, 16 + length);
        }

        Hmac(key, [.. augmented, .. challenge[12..16], .. reply[4..6], 0, .. Encoding.ASCII.GetBytes($"HostHost{hostNqn}\0{subsystemNqn}")]).CopyTo(reply, 16);
        return reply;
    }

    public byte[] Success2() => [0x01, 0x04, 0, 0, (byte)TransactionId, (byte)(TransactionId >> 8), .. new byte[10]];

    public byte[] Failure2(DhChapFailureReason reason) => [0x00, 0xF0, 0, 0, (byte)TransactionId, (byte)(TransactionId >> 8), 1, (byte)reason];

    /// <summary>What the controller must have proven in Success1.</summary>
    public void CheckSuccess1(byte[] message, bool mutual)
    {
        Assert.Equal((0x01, 0x03), (message[0], message[1]));
        Assert.Equal(TransactionId, BinaryPrimitives.ReadUInt16LittleEndian(message.AsSpan(4)));
        int length = Challenge[6];
        Assert.Equal(length, message[6]);
        Assert.Equal(mutual ? 1 : 0, message[8]);
        if (!mutual)
        {
            Assert.All(message[16..], value => Assert.Equal(0, value));
            return;
        }

        byte[] augmented = _sessionKey.Length == 0 ? _hostChallenge : Augment(_hostChallenge);
        byte[] expected = Hmac(controllerKey!, [.. augmented, 0xFE, 0xCA, 0, 0, .. message[4..6], 0, .. Encoding.ASCII.GetBytes($"Controller{subsystemNqn}\0{hostNqn}")]);
        Assert.Equal(expected, message[16..(16 + length)]);
    }

    /// <summary>All of it, with success.</summary>
    public async Task AuthenticateAsync(bool mutual = false)
    {
        Assert.Equal(NvmeStatus.Success, await SendAsync(Negotiate()));
        byte[] challenge = await ReceiveAsync();
        Assert.Equal(NvmeStatus.Success, await SendAsync(Reply(challenge, mutual)));
        CheckSuccess1(await ReceiveAsync(), mutual);
        if (mutual)
        {
            Assert.Equal(NvmeStatus.Success, await SendAsync(Success2()));
        }
    }

    /// <summary>The next message is a failure, and the connection ends with it.</summary>
    public async Task ExpectFailureAsync(DhChapFailureReason reason)
    {
        byte[] failure = await ReceiveAsync();
        Assert.Equal((0x00, 0xF1), (failure[0], failure[1]));
        Assert.Equal(TransactionId, BinaryPrimitives.ReadUInt16LittleEndian(failure.AsSpan(4)));
        Assert.Equal(1, failure[6]);
        Assert.Equal(reason, (DhChapFailureReason)failure[7]);
        Assert.Equal(Abstractions.Lifecycle.TeardownCause.AuthenticationFailed, (await queue.Closed).Cause);
    }

    private SubmissionQueueEntry Entry(FabricsCommandType type, uint length)
    {
        var entry = new SubmissionQueueEntry
        {
            Opcode = (byte)AdminOpcode.Fabrics,
            Flags = SubmissionQueueEntryExtensions.SglFlags,
            FabricsCommandType = type,
            CommandId = NextCommandId(),
        };
        ref AuthenticationCommand command = ref AuthenticationCommand.Edit(ref entry);
        command.SecurityProtocol = 0xE9;
        command.Specific0 = 1;
        command.Specific1 = 1;
        command.Length = length;
        return entry;
    }

    private ushort NextCommandId() => (ushort)(FirstCommandId + _commands++);

    private byte[] Augment(byte[] challenge) => Hmac(Digest(_sessionKey), challenge);

    private byte[] Hmac(byte[] secret, byte[] data) => Challenge[8] switch
    {
        1 => HMACSHA256.HashData(secret, data),
        2 => HMACSHA384.HashData(secret, data),
        _ => HMACSHA512.HashData(secret, data),
    };

    private byte[] Digest(byte[] data) => Challenge[8] switch
    {
        1 => SHA256.HashData(data),
        2 => SHA384.HashData(data),
        _ => SHA512.HashData(data),
    };

    private static byte[] ToBytes(BigInteger value, int length)
    {
        byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[length - bytes.Length], .. bytes];
    }

    /// <summary>An entry that a delegate can change.</summary>
    public sealed class SubmissionQueueEntryBox
    {
        public SubmissionQueueEntry Entry;
    }
}
