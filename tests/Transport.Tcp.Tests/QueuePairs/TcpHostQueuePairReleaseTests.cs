using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>The host's side: when data is released, and when an identifier is used again.</summary>
public class TcpHostQueuePairReleaseTests
{
    [Fact]
    public void The_data_of_a_write_is_released_when_its_last_transmission_is_proven_and_not_before()
    {
        using var session = new HostSession();
        session.Handshake();
        session.Connection.HoldProof = true;
        foreach (int size in new[] { 512, 20_000 })
        {
            session.SubmitAndTake(Wire.Write, size, out TestCommand command, out _);
            if (size > 8192)
            {
                Assert.Equal(20_000, Assert.Single(session.Feed(Wire.R2T(command.Entry.CommandId, 0, 0, 20_000))).Data.Length);
            }

            session.Feed(Wire.CapsuleResp(command.Entry.CommandId));
            Assert.True(command.Answer!.Value.Status.IsSuccess);
            Assert.False(command.IsReleased);
            session.Connection.Prove();
            Assert.True(command.IsReleased);
        }

        session.AssertEndsClean();
    }

    [Fact]
    public void A_teardown_completes_at_once_and_releases_when_proven()
    {
        using var session = new HostSession();
        session.Handshake();
        session.Connection.HoldProof = true;
        session.SubmitAndTake(Wire.Write, 512, out TestCommand write, out _);
        session.SubmitAndTake(Wire.Read, 100_000, out TestCommand read, out _);

        // The read is in the middle of being received straight into its buffer.
        session.Feed(Wire.C2HData(read.Entry.CommandId, 0, new byte[100_000])[..50_000]);
        Assert.True(session.Connection.ReceivingInto);

        session.QueuePair.Close(TeardownCause.LocalClose);
        session.Connection.Run();
        Assert.NotNull(write.Error);
        Assert.NotNull(read.Error);
        Assert.False(write.IsReleased);
        Assert.False(read.IsReleased);

        session.Connection.Prove();
        Assert.True(write.IsReleased);
        session.AssertEndsClean(TeardownCause.LocalClose);
    }

    [Fact]
    public void Data_whose_transmission_is_never_proven_is_quarantined_and_not_released()
    {
        using var session = new HostSession();
        session.Handshake();
        session.Connection.HoldProof = true;
        session.SubmitAndTake(Wire.Write, 20_000, out TestCommand command, out _);
        session.Feed(Wire.R2T(command.Entry.CommandId, 0, 0, 12_000));
        session.Connection.Abandon();

        // The proof of a later part says nothing about the first.
        session.Feed(Wire.R2T(command.Entry.CommandId, 0, 12_000, 8_000));
        session.Feed(Wire.CapsuleResp(command.Entry.CommandId));
        Assert.True(command.Answer!.Value.Status.IsSuccess);
        session.Connection.Prove();
        Assert.True(command.IsQuarantined);
        Assert.False(command.IsReleased);

        // The submission is used again, and remembers nothing.
        session.SubmitAndTake(Wire.Write, 512, out TestCommand next, out _);
        session.Feed(Wire.CapsuleResp(next.Entry.CommandId));
        session.Connection.Prove();
        Assert.True(next.IsReleased);
        session.AssertEndsClean();
    }

    [Fact]
    public void An_owner_that_throws_keeps_no_other_from_hearing_of_its_release()
    {
        using var session = new HostSession();
        session.Handshake();
        session.Connection.HoldProof = true;
        session.SubmitAndTake(Wire.Write, 512, out TestCommand first, out _);
        session.SubmitAndTake(Wire.Write, 512, out TestCommand second, out _);
        first.Releasing = static () => throw new InvalidOperationException("The owner's bug.");
        session.Feed(Wire.CapsuleResp(first.Entry.CommandId));
        session.Feed(Wire.CapsuleResp(second.Entry.CommandId));

        // One proof for both.
        session.Connection.Prove();
        Assert.True(first.IsReleased);
        Assert.True(second.IsReleased);
        session.AssertEndsClean(TeardownCause.InternalError);
    }

    [Fact]
    public void Identifiers_of_early_completed_commands_do_not_wait_for_the_proof()
    {
        using var session = new HostSession(queueSize: 2);
        session.Handshake();
        session.Connection.HoldProof = true;
        for (int i = 0; i < 20; i++)
        {
            session.SubmitAndTake(Wire.Write, 512, out TestCommand command, out _);
            session.Feed(Wire.CapsuleResp(command.Entry.CommandId));
            Assert.NotNull(command.Answer);
            Assert.False(command.IsReleased);
        }

        session.AssertEndsClean();
    }

    [Fact]
    public void Identifiers_change_with_every_use_and_never_say_no_command()
    {
        using var session = new HostSession(queueSize: 1024);
        session.Handshake();
        var seen = new HashSet<ushort>();
        for (int round = 0; round < 70; round++)
        {
            var commands = new TestCommand[1024];
            for (int i = 0; i < commands.Length; i++)
            {
                commands[i] = session.Submit(Wire.Flush, 0, out _);
                Assert.NotEqual(0xFFFF, commands[i].Entry.CommandId);
                Assert.True(seen.Add(commands[i].Entry.CommandId) || round >= 63);
            }

            session.Feed([.. commands.Select(command => Wire.CapsuleResp(command.Entry.CommandId))]);
        }

        session.AssertEndsClean();
    }
}
