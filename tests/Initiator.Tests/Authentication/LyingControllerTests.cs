using Nvmf.Abstractions.Authentication;
using Nvmf.Initiator.Authentication;
using Nvmf.Initiator.Tests.Fakes;

namespace Nvmf.Initiator.Tests.Authentication;

/// <summary>Controllers whose messages have one injury each: none is taken for the right one, and each is told why.</summary>
public class LyingControllerTests
{
    private const int ChallengeEnd = 48;

    private static readonly byte[] HostKey = [.. Enumerable.Range(1, 32).Select(static i => (byte)i)];
    private static readonly byte[] ControllerKey = [.. Enumerable.Range(50, 48).Select(static i => (byte)i)];

    [Theory]
    [InlineData(DhChapGroup.Null)]
    [InlineData(DhChapGroup.Ffdhe2048)]
    public async Task One_that_tells_the_truth_is_believed(DhChapGroup group)
    {
        foreach (var mutual in new[] { false, true })
        {
            var controller = New(group);
            await RunAsync(controller, mutual);
            Assert.True(controller.HostIsRight);
            Assert.True(mutual == controller.Last is [1, 4, ..]);
        }
    }

    public static TheoryData<int, byte, DhChapFailureReason> ChallengeInjuries => new()
    {
        { 0, 0, DhChapFailureReason.IncorrectMessage },
        { 1, 3, DhChapFailureReason.IncorrectMessage },
        { 4, 0xAA, DhChapFailureReason.IncorrectPayload },
        { 6, 31, DhChapFailureReason.IncorrectPayload },
        { 6, 255, DhChapFailureReason.IncorrectPayload },
        { 8, 0, DhChapFailureReason.HashNotUsable },
        { 8, 2, DhChapFailureReason.HashNotUsable },
        { 8, 4, DhChapFailureReason.HashNotUsable },
        { 9, 2, DhChapFailureReason.GroupNotUsable },
        { 9, 6, DhChapFailureReason.GroupNotUsable },
        { 10, 1, DhChapFailureReason.IncorrectPayload },
        { 11, 255, DhChapFailureReason.IncorrectPayload },
    };

    [Theory]
    [MemberData(nameof(ChallengeInjuries))]
    public async Task A_challenge_that_cannot_be_used_is_answered_with_its_reason(int offset, byte value, DhChapFailureReason reason)
    {
        var controller = New(DhChapGroup.Ffdhe2048, injureChallenge: message =>
        {
            message[offset] = value;
            return message;
        });
        var error = await Assert.ThrowsAsync<NvmeAuthenticationException>(() => RunAsync(controller, mutual: true));
        Assert.Equal(reason, error.Reason);
        Assert.Equal((0, 0xF0, 1, (byte)reason), (controller.Last[0], controller.Last[1], controller.Last[6], controller.Last[7]));
        Assert.Equal(8, controller.Last.Length);
    }

    [Fact]
    public async Task Values_outside_of_the_group_are_refused()
    {
        var prime = FiniteFieldGroup.Get(DhChapGroup.Ffdhe2048).Prime;
        foreach (var value in new[] { 0, 1, prime - 1, prime })
        {
            byte[] bytes = value.ToByteArray(isUnsigned: true, isBigEndian: true);
            var controller = New(DhChapGroup.Ffdhe2048, injureChallenge: message => [.. message[..ChallengeEnd], .. new byte[256 - bytes.Length], .. bytes]);
            var error = await Assert.ThrowsAsync<NvmeAuthenticationException>(() => RunAsync(controller, mutual: false));
            Assert.Equal(DhChapFailureReason.IncorrectPayload, error.Reason);
        }
    }

    [Fact]
    public async Task No_injured_proof_is_accepted()
    {
        for (var i = 0; i < 8 * (16 + 32); i++)
        {
            var (offset, bit) = (i / 8, i % 8);
            var controller = New(DhChapGroup.Null, injureSuccess: message =>
            {
                message[offset] ^= (byte)(1 << bit);
                return message;
            });
            // Reserved bytes, and RVALID but for its first bit.
            var matters = offset is not (2 or 3 or 7 or (> 8 and < 16)) && (offset != 8 || bit == 0);
            var error = await Record.ExceptionAsync(() => RunAsync(controller, mutual: true));
            Assert.True(matters == error is NvmeAuthenticationException, $"bit {bit} of byte {offset}: {error?.Message ?? "accepted"}");
            Assert.Equal(matters ? 0xF0 : 4, controller.Last[1]);
        }
    }

    [Fact]
    public async Task A_success_without_proof_and_one_of_another_controller_are_not_accepted()
    {
        await Assert.ThrowsAsync<NvmeAuthenticationException>(() => RunAsync(New(DhChapGroup.Null, injureSuccess: static message => [.. message[..8], .. new byte[40]]), mutual: true));
        var other = new LyingController(HostKey, HostKey, TestSecrets.HostNqn, TargetFixture.Nqn, DhChapGroup.Null);
        await Assert.ThrowsAsync<NvmeAuthenticationException>(() => RunAsync(other, mutual: true));
    }

    [Theory]
    [InlineData(1, "authentication failed")]
    [InlineData(3, "secure channel")]
    [InlineData(99, "reason 99")]
    public async Task A_failure_is_told_in_words(byte reason, string words)
    {
        var controller = New(DhChapGroup.Null, injureChallenge: message => [0, 0xF1, 0, 0, message[4], message[5], 1, reason, .. new byte[8]]);
        var error = await Assert.ThrowsAsync<NvmeAuthenticationException>(() => RunAsync(controller, mutual: false));
        Assert.Equal(reason, (byte)error.Reason);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Equal(72, controller.Last.Length);
    }

    private static LyingController New(DhChapGroup group, Func<byte[], byte[]>? injureChallenge = null, Func<byte[], byte[]>? injureSuccess = null) =>
        new(HostKey, ControllerKey, TestSecrets.HostNqn, TargetFixture.Nqn, group)
        {
            InjureChallenge = injureChallenge ?? (static message => message),
            InjureSuccess = injureSuccess ?? (static message => message),
        };

    private static async Task RunAsync(LyingController controller, bool mutual)
    {
        using var hostSecret = new DhChapSecret(null, HostKey);
        using var controllerSecret = new DhChapSecret(null, ControllerKey);
        var options = TestSecrets.Options() with
        {
            HostSecret = hostSecret,
            ControllerSecret = mutual ? controllerSecret : null,
            AuthenticationHashes = [DhChapHash.Sha256],
            AuthenticationGroups = [DhChapGroup.Null, DhChapGroup.Ffdhe2048],
        };
        using var exchange = new AuthenticationExchange(controller, options, 0x4321);
        await exchange.RunAsync(CancellationToken.None);
    }
}
