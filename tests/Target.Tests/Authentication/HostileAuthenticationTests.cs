using System.Runtime.InteropServices;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Target.Tests.Seam;
using Nvmf.Target.Tests.Support;
using Xunit.Abstractions;

namespace Nvmf.Target.Tests.Authentication;

/// <summary>Messages with one injury each, and messages in any order: nobody gets in who does not know the secret, and nothing hangs.</summary>
public class HostileAuthenticationTests(ITestOutputHelper output)
{
    private const int HashLength = 32;

    [Theory]
    [InlineData(43, 0xE8)]
    [InlineData(43, 0x00)]
    [InlineData(41, 0x02)]
    [InlineData(42, 0x00)]
    public async Task Other_security_protocols_are_invalid_fields(int offset, byte value)
    {
        await using TestTarget target = ChapTarget.Create();
        (_, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        Answer sent = await host.Send(host.Negotiate(), box => SetByte(ref box.Entry, offset, value)).AnswerAsync();
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), sent.Status);
        Answer received = await host.Receive(change: box => SetByte(ref box.Entry, offset, value)).AnswerAsync();
        Assert.Equal(NvmeStatus.InvalidField.WithDoNotRetry(), received.Status);
        await host.AuthenticateAsync();
    }

    [Fact]
    public async Task Lengths_that_lie_are_refused_and_leave_the_exchange_where_it_was()
    {
        await using TestTarget target = ChapTarget.Create();
        (_, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        foreach (uint length in new uint[] { 0, 1, 71, 73, 16385, uint.MaxValue, 0x8000_0000 })
        {
            Assert.False((await host.Send(host.Negotiate(), length: length).AnswerAsync()).Status.IsSuccess, $"TL {length}");
        }

        Assert.Equal(NvmeStatus.InvalidField, (await host.Send(new byte[16388]).AnswerAsync()).Code);
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Negotiate()));
        foreach (uint length in new uint[] { 1, 8, 15, 16, 47, 16388 })
        {
            Assert.Equal(NvmeStatus.InvalidField, (await host.Receive(length).AnswerAsync()).Code);
        }

        Assert.Equal(NvmeStatus.DataSglLengthInvalid, (await host.Receive(change: static box => SetByte(ref box.Entry, 45, 1)).AnswerAsync()).Code);
        byte[] challenge = (await host.Receive(48).AnswerAsync()).Data;
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Reply(challenge, mutual: false)));
        host.CheckSuccess1(await host.ReceiveAsync(), mutual: false);
    }

    [Fact]
    public async Task Each_mistake_of_a_negotiation_has_its_reason()
    {
        await using TestTarget target = ChapTarget.Create();
        (Action<byte[]> Injury, DhChapFailureReason Reason)[] cases =
        [
            (static m => m[0] = 1, DhChapFailureReason.IncorrectMessage),
            (static m => m[1] = 2, DhChapFailureReason.IncorrectMessage),
            (static m => m[6] = 1, DhChapFailureReason.SecureChannelMismatch),
            (static m => m[7] = 0, DhChapFailureReason.IncorrectPayload),
            (static m => m[7] = 2, DhChapFailureReason.IncorrectPayload),
            (static m => m[7] = 255, DhChapFailureReason.IncorrectPayload),
            (static m => m[8] = 2, DhChapFailureReason.ProtocolNotUsable),
            (static m => m[10] = 0, DhChapFailureReason.IncorrectPayload),
            (static m => m[10] = 31, DhChapFailureReason.IncorrectPayload),
            (static m => m[11] = 0, DhChapFailureReason.IncorrectPayload),
            (static m => m[11] = 255, DhChapFailureReason.IncorrectPayload),
            (static m => m[12] = 9, DhChapFailureReason.HashNotUsable),
            (static m => m[42] = 9, DhChapFailureReason.GroupNotUsable),
        ];
        foreach ((Action<byte[]> injury, DhChapFailureReason reason) in cases)
        {
            (_, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
            byte[] message = host.Negotiate();
            injury(message);
            Assert.Equal(NvmeStatus.Success, await host.SendAsync(message));
            Assert.Equal(NvmeStatus.AuthenticationRequired, await host.ProbeAsync());
            await host.ExpectFailureAsync(reason);
        }

        // A second descriptor, and what follows it, do no harm.
        (_, ChapHost good, _) = await ChapTarget.ConnectAsync(target);
        byte[] two = [.. good.Negotiate(), .. new byte[100]];
        two.AsSpan(8, 64).CopyTo(two.AsSpan(72));
        two[7] = 2;
        two[8] = 0x7F;
        Assert.Equal(NvmeStatus.Success, await good.SendAsync(two));
        Assert.Equal(NvmeStatus.Success, await good.SendAsync(good.Reply(await good.ReceiveAsync(), mutual: false)));
        good.CheckSuccess1(await good.ReceiveAsync(), mutual: false);
    }

    [Theory]
    [InlineData(DhChapGroup.Null, 400)]
    [InlineData(DhChapGroup.Ffdhe2048, 40)]
    public async Task A_reply_with_one_injured_bit_or_another_length_never_gets_in(DhChapGroup group, int sessions)
    {
        Random random = Seeded();
        await using TestTarget target = ChapTarget.Create();
        for (int i = 0; i < sessions; i++)
        {
            bool mutual = random.Next(2) == 0;
            (FakeQueuePair queue, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
            host.Groups = [group];
            Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Negotiate()));
            byte[] reply = host.Reply(await host.ReceiveAsync(), mutual);
            int at = random.Next(reply.Length);
            string injury;
            bool matters;
            if (random.Next(8) == 0)
            {
                injury = $"cut to {at}";
                reply = reply[..Math.Max(1, at)];
                matters = true;
            }
            else
            {
                int bit = random.Next(8);
                reply[at] ^= (byte)(1 << bit);
                injury = $"bit {bit} of byte {at}";
                matters = Matters(at);
            }

            Assert.Equal(NvmeStatus.Success, await host.SendAsync(reply));
            byte[] answer = await host.ReceiveAsync();
            bool success = answer[1] == 3;
            Assert.True(success != matters, $"session {i}, {group}, mutual {mutual}, {injury}: {(success ? "success" : "failure")}");
            if (!success)
            {
                Assert.Equal(0xF1, answer[1]);
                Assert.Equal(TeardownCause.AuthenticationFailed, (await queue.Closed).Cause);
            }
            else
            {
                queue.Close(TeardownCause.HostClosed);
            }
        }
    }

    [Fact]
    public async Task Messages_in_any_order_without_the_secret_never_get_in()
    {
        Random random = Seeded();
        await using TestTarget target = ChapTarget.Create();
        for (int i = 0; i < 300; i++)
        {
            (FakeQueuePair queue, ChapHost host, _) = await ChapTarget.ConnectAsync(target, ChapTarget.WrongKey);
            byte[] challenge = [0x01, 0x01, 0, 0, 0x34, 0x12, HashLength, 0, 1, 0, 0, 0, .. new byte[4084]];
            for (int step = 0; step < 12 && queue.Lifecycle.State == QueuePairState.Live; step++)
            {
                HostRequest request;
                switch (random.Next(7))
                {
                    case 0:
                        request = host.Send(host.Negotiate());
                        break;
                    case 1:
                        request = host.Send(host.Reply(challenge, random.Next(2) == 0));
                        break;
                    case 2:
                        request = host.Send(host.Success2());
                        break;
                    case 3 when random.Next(4) == 0:
                        request = host.Send(host.Failure2(DhChapFailureReason.AuthenticationFailed));
                        break;
                    case 4:
                        var noise = new byte[random.Next(1, 200)];
                        random.NextBytes(noise);
                        request = host.Send(noise);
                        break;
                    default:
                        request = host.Receive();
                        break;
                }

                Answer answer = await request.AnswerAsync();
                if (answer.Ending == AnswerEnding.Completed && answer.Data is [0x01, 0x01, ..])
                {
                    challenge = answer.Data;
                }

                Assert.False(answer.Data is [0x01, 0x03, ..], "success without the secret");
            }

            if (queue.Lifecycle.State == QueuePairState.Live)
            {
                HostRequest probe = Commands.Identify(IdentifyCns.Controller);
                probe.Entry.CommandId = 0x7FFF;
                Answer answer = await queue.Send(probe).AnswerAsync();
                Assert.True(answer.Ending != AnswerEnding.Completed || answer.Code == NvmeStatus.AuthenticationRequired, $"{answer.Status}");
                queue.Close(TeardownCause.HostClosed);
            }

            await queue.Closed;
        }
    }

    [Fact]
    public async Task Messages_whose_data_come_late_or_not_at_all_do_not_hang_the_end()
    {
        await using TestTarget target = ChapTarget.Create();
        (FakeQueuePair queue, ChapHost host, _) = await ChapTarget.ConnectAsync(target);
        HostRequest late = host.Send(host.Negotiate(), withhold: true);
        HostRequest never = host.Send(host.Negotiate(), withhold: true);
        await target.Loop.SettleAsync();
        queue.DeliverData(late);
        Assert.Equal(NvmeStatus.Success, (await late.AnswerAsync()).Status);
        Assert.Equal(NvmeStatus.Success, await host.SendAsync(host.Reply(await host.ReceiveAsync(), mutual: false)));
        host.CheckSuccess1(await host.ReceiveAsync(), mutual: false);
        queue.Close(TeardownCause.HostClosed);
        Assert.Equal(AnswerEnding.Dropped, (await never.AnswerAsync()).Ending);
        await queue.Closed;
    }

    // What this side does not look at: reserved bytes, CVALID (which only changes what the host is told), and the host's challenge and its number.
    private static bool Matters(int offset) => offset is not (2 or 3 or 7 or 8 or 9 or (>= 12 and < 16) or (>= 16 + HashLength and < 16 + (2 * HashLength)));

    private static void SetByte(ref SubmissionQueueEntry entry, int offset, byte value) => MemoryMarshal.AsBytes(new Span<SubmissionQueueEntry>(ref entry))[offset] = value;

    private Random Seeded()
    {
        int seed = Environment.GetEnvironmentVariable("NVMF_TEST_SEED") is { } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();
        output.WriteLine($"NVMF_TEST_SEED={seed}");
        return new Random(seed);
    }
}
