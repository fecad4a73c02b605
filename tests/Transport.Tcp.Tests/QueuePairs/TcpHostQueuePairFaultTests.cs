using Microsoft.AspNetCore.Connections;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Abstractions.Lifecycle;

namespace Nvmf.Transport.Tcp.Tests.QueuePairs;

/// <summary>The host's side against controllers that break the rules.</summary>
public class TcpHostQueuePairFaultTests
{
    public static TheoryData<string, byte[], ushort, uint> FaultyResponses => new()
    {
        { "PFV", Wire.ICResp(pfv: 1), 6, 8 },
        { "digests not asked for", Wire.ICResp(digests: 1), 6, 11 },
        { "CPDA", Wire.ICResp(cpda: 32), 1, 10 },
        { "MAXH2CDATA too small", Wire.ICResp(maxH2CData: 4092), 1, 12 },
        { "MAXH2CDATA no multiple of 4", Wire.ICResp(maxH2CData: 4099), 1, 12 },
        { "something else first", Wire.CapsuleResp(0), 2, 0 },
        { "a host", Wire.ICReq(), 1, 0 },
    };

    [Theory]
    [MemberData(nameof(FaultyResponses))]
    public async Task A_faulty_ICResp_ends_the_connection(string what, byte[] pdu, ushort fes, uint fei)
    {
        _ = what;
        using var session = new HostSession();
        Sent termination = Assert.Single(session.Feed(pdu));
        Assert.Equal((2, fes, fei), (termination.Type, termination.FatalErrorStatus, termination.FatalErrorInformation));
        var exception = await Assert.ThrowsAsync<ConnectionAbortedException>(() => session.QueuePair.Handshake);
        Assert.Contains($"FES {fes:X2}h", exception.Message, StringComparison.Ordinal);
        Assert.False(session.QueuePair.TrySubmit(TestCommand.Io(Wire.Flush, default, DataDirection.None)));
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    // R: read of 8192 bytes, W: write of 20000 by R2T, I: write of 512 in the capsule; CIDs 0, 1, 2. F: a flush that completed, CID 3.
    public static TheoryData<string, byte[], ushort, uint> FaultyPdus => new()
    {
        { "response to nobody", Wire.CapsuleResp(100), 1, 20 },
        { "response to a completed command", Wire.CapsuleResp(3), 1, 20 },
        { "response to an old generation", Wire.CapsuleResp(1 << 10), 1, 20 },
        { "read without data", Wire.CapsuleResp(0), 2, 0 },
        { "write without fetching data", Wire.CapsuleResp(1), 2, 0 },
        { "data for nobody", Wire.C2HData(100, 0, new byte[512]), 1, 8 },
        { "data for a write", Wire.C2HData(1, 0, new byte[512]), 2, 0 },
        { "data beyond the end", Wire.C2HData(0, 8000, new byte[512]), 4, 0 },
        { "data beyond 32 bits", Wire.C2HData(0, 0xFFFFFE00, new byte[512]), 4, 0 },
        { "data with a gap", Wire.C2HData(0, 512, new byte[512], last: false), 2, 0 },
        { "DATAL and PLEN differ", Wire.C2HData(0, 0, new byte[512], last: false, length: 508), 1, 16 },
        { "all of the data without LAST", Wire.C2HData(0, 0, new byte[8192], last: false), 2, 0 },
        { "SUCCESS with part of the data", Wire.C2HData(0, 0, new byte[512], success: true), 2, 0 },
        { "SUCCESS without LAST", Wire.C2HData(0, 0, new byte[512], last: false, success: true), 1, 1 },
        { "R2T for nobody", Wire.R2T(100, 0, 0, 512), 1, 8 },
        { "R2T for a read", Wire.R2T(0, 0, 0, 512), 2, 0 },
        { "R2T for data in the capsule", Wire.R2T(2, 0, 0, 512), 2, 0 },
        { "R2T for nothing", Wire.R2T(1, 0, 0, 0), 1, 16 },
        { "R2T beyond the end", Wire.R2T(1, 0, 0, 20_001), 4, 0 },
        { "R2T beyond 32 bits", Wire.R2T(1, 0, 512, 0xFFFFFFFF), 4, 0 },
        { "R2T with a gap", Wire.R2T(1, 0, 512, 512), 2, 0 },
        { "a second ICResp", Wire.ICResp(), 2, 0 },
        { "a command", Wire.CapsuleCmd(Wire.Entry(0, 0)), 1, 0 },
    };

    [Theory]
    [MemberData(nameof(FaultyPdus))]
    public void A_controller_that_breaks_the_rules_is_told_and_left(string what, byte[] pdu, ushort fes, uint fei)
    {
        _ = what;
        using var session = new HostSession();
        session.Handshake();
        TestCommand[] commands =
        [
            session.Submit(Wire.Read, 8192, out _), session.Submit(Wire.Write, 20_000, out _), session.Submit(Wire.Write, 512, out _),
        ];
        TestCommand done = session.Submit(Wire.Flush, 0, out _);
        Assert.Equal([0, 1, 2, 3], [.. commands.Select(command => (int)command.Entry.CommandId), done.Entry.CommandId]);
        session.Connection.Run();
        session.Take();
        Assert.Empty(session.Feed(Wire.CapsuleResp(3)));
        Assert.True(done.IsReleased);

        Sent termination = Assert.Single(session.Feed(pdu));
        Assert.Equal((2, fes, fei), (termination.Type, termination.FatalErrorStatus, termination.FatalErrorInformation));
        Assert.All(commands, command => Assert.IsType<ConnectionAbortedException>(command.Error));
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Fact]
    public void An_R2T_while_the_last_one_is_being_answered_is_one_too_many()
    {
        using var session = new HostSession();
        session.Handshake();
        TestCommand command = session.Submit(Wire.Write, 20_000, out _);
        session.Connection.Run();
        session.Take();
        session.Connection.WindowClosed = true;
        Assert.Empty(session.Feed(Wire.R2T(0, 1, 0, 8000)));
        Assert.Empty(session.Feed(Wire.R2T(0, 2, 8000, 1)));
        session.Connection.WindowClosed = false;
        session.Connection.Run();
        Sent termination = session.Take()[^1];
        Assert.Equal((2, 5, 0u), (termination.Type, termination.FatalErrorStatus, termination.FatalErrorInformation));
        Assert.IsType<ConnectionAbortedException>(command.Error);
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Fact]
    public void An_R2T_may_come_before_the_proof_that_the_last_ones_data_is_off_the_wire()
    {
        using var session = new HostSession();
        session.Handshake();
        session.Submit(Wire.Write, 20_000, out _);
        session.Connection.HoldProof = true;
        session.Connection.Run();
        session.Take();
        Assert.Single(session.Feed(Wire.R2T(0, 1, 0, 8000)));
        Assert.Single(session.Feed(Wire.R2T(0, 2, 8000, 12_000)));
        Assert.Empty(session.Feed(Wire.CapsuleResp(0)));
        session.AssertEndsClean();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(200)]
    public void A_termination_request_is_reported_and_not_answered(byte pdo)
    {
        using var session = new HostSession();
        session.Handshake();
        TestCommand command = session.Submit(Wire.Flush, 0, out _);
        session.Connection.Run();
        session.Take();
        byte[] request = Wire.TermReq(3, 5, 0, new byte[24]);
        request[3] = pdo;
        Assert.Empty(session.Feed(request));
        Assert.Contains("FES 05h", command.Error!.Message, StringComparison.Ordinal);
        session.AssertEndsClean(TeardownCause.ProtocolError);
    }

    [Fact]
    public void Ten_thousand_random_controllers()
    {
        using var pool = new Testing.PoisonedPool(16 << 20);
        int completed = 0;
        for (int seed = 0; seed < 10_000; seed++)
        {
            try
            {
                completed += PlayRandomController(pool, seed);
            }
            catch (Exception exception)
            {
                throw new InvalidOperationException($"Seed {seed}: {exception.Message}", exception);
            }
        }

        Assert.True(completed > 5_000, $"{completed} commands completed.");
    }

    private static int PlayRandomController(Testing.PoisonedPool pool, int seed)
    {
        var random = new Random(seed);
        byte digests = (byte)random.Next(4);
        using var session = new HostSession(digests, pool: pool);
        session.Handshake(maxH2CData: 4096);
        TestCommand[] commands =
        [
            session.Submit(Wire.Read, 8192, out _), session.Submit(Wire.Write, 20_000, out _),
            session.Submit(Wire.Read, 40_000, out _), session.Submit(Wire.Flush, 0, out _),
        ];
        session.Connection.Run();
        List<byte[]> answer =
        [
            Wire.C2HData(0, 0, new byte[4096], last: false, framing: session.ToHost),
            Wire.C2HData(0, 4096, new byte[4096], framing: session.ToHost),
            Wire.R2T(1, 5, 0, 8000, session.ToHost),
            Wire.CapsuleResp(0, framing: session.ToHost),
            Wire.C2HData(2, 0, new byte[40_000], success: true, framing: session.ToHost),
            Wire.R2T(1, 6, 8000, 12_000, session.ToHost),
            Wire.CapsuleResp(1, framing: session.ToHost),
            Wire.CapsuleResp(3, framing: session.ToHost),
        ];
        byte[] stream = random.Next(4) == 0 ? Mutation.Noise(random) : Mutation.Injure(answer, random);
        for (int position = 0; position < stream.Length && session.Connection.Lifecycle.Cause == TeardownCause.None;)
        {
            int length = Math.Min(random.Next(1, 1 << random.Next(3, 17)), stream.Length - position);
            session.Connection.Feed(stream.AsSpan(position, length));
            position += length;
        }

        TeardownCause cause = session.Connection.Lifecycle.Cause;
        Assert.NotEqual(TeardownCause.InternalError, cause);
        session.AssertEndsClean(cause == TeardownCause.None ? TeardownCause.HostClosed : cause);
        return commands.Count(command => command.Answer is not null);
    }
}
