using Nvmf.Hostile.Tests.Injuries;
using Nvmf.Transport.Tcp.Tests.QueuePairs;

namespace Nvmf.Hostile.Tests.Client;

/// <summary>
/// One case after the other against one <see cref="World"/>: its controller for I/O queues and its neighbour stay, everything else ends with its case.
/// </summary>
internal sealed class HostileRun
{
    private const int LastingQueuePairs = 3;
    private readonly HostileSession _admin;
    private readonly HostileSession _neighbourAdmin;
    private readonly HostileSession _neighbour;
    private readonly Func<HostWire, HostWire>? _falsify;
    private ushort _queueId;

    /// <param name="world">Ends with the caller.</param>
    /// <param name="falsify">Stands between target and checks: for negative controls.</param>
    public HostileRun(World world, Func<HostWire, HostWire>? falsify = null)
    {
        _falsify = falsify;
        World = world;
        _admin = Session(1).Reach(Stage.Ready);
        _neighbourAdmin = Session(2).Reach(Stage.Ready, subsystem: World.NeighbourSubsystemNqn, host: World.NeighbourHostNqn);
        _neighbour = Session(3).Reach(
            Stage.InputOutput, _neighbourAdmin.ControllerId, 1, World.NeighbourSubsystemNqn, World.NeighbourHostNqn);
        using HostileSession session = Session(4).Reach(Stage.InputOutput, _admin.ControllerId, NextQueueId());
        session.WriteReservedBlocks();
        session.End();
        NeighbourWrites();
    }

    public World World { get; }

    /// <returns>Name of the injury.</returns>
    public string Play(int seed)
    {
        var random = new Random(seed);
        Injury injury = Injury.All[random.Next(Injury.All.Length)];
        Stage stage = injury.Stages[random.Next(injury.Stages.Length)];
        try
        {
            HostWire wire = World.Open();
            using var session = new HostileSession(World, _falsify?.Invoke(wire) ?? wire, random);
            bool onIo = stage >= Stage.InputOutput;
            session.Reach(stage, onIo ? _admin.ControllerId : (ushort)0xFFFF, onIo ? NextQueueId() : (ushort)0);
            Verify(session, injury.Inflict(session));
            session.End();
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"NVMF_HOSTILE_SEED={seed}, \"{injury}\" at {stage}: {exception.Message}", exception);
        }

        if (seed % 64 == 0)
        {
            NeighbourWrites();
        }

        return injury.Name;
    }

    /// <summary>Ends what lasts. Nothing may be left then.</summary>
    public void End()
    {
        World.AssertNothingLeft(LastingQueuePairs);
        using (HostileSession session = Session(5).Reach(Stage.InputOutput, _admin.ControllerId, NextQueueId()))
        {
            session.AssertReservedBlocks(World.ReservedStart, World.ReservedCount);
            session.End();
        }

        NeighbourWrites();
        foreach (HostileSession session in new[] { _neighbour, _neighbourAdmin, _admin })
        {
            session.End();
        }

        World.AssertNothingLeft();
    }

    private static void Verify(HostileSession session, Expectation expectation)
    {
        if (expectation.Statuses.Length > 0)
        {
            Answer answer = session.ReceiveAnswer(expectation.CommandId) ?? throw new HostileException("The connection ended instead of a status.");
            if (!expectation.Statuses.Contains(answer.Code))
            {
                throw new HostileException($"Status {answer.Code:X3}.");
            }

            if (answer.Data.Length > 0)
            {
                throw new HostileException("Data came with an error.");
            }

            session.AssertWell();
            return;
        }

        // Answers to what was right before may come first.
        Sent? pdu;
        do
        {
            pdu = session.Receive();
        }
        while (pdu is { Type: not 3 });
        if (expectation.IsSilence)
        {
            if (pdu is not null)
            {
                throw new HostileException($"A termination request, FES {pdu.FatalErrorStatus}.");
            }

            return;
        }

        if (pdu is null)
        {
            throw new HostileException("The stream ended without a termination request.");
        }

        if (!expectation.Terminations.Any(answer => answer.Fes == pdu.FatalErrorStatus && (answer.Fei ?? pdu.FatalErrorInformation) == pdu.FatalErrorInformation))
        {
            throw new HostileException($"FES {pdu.FatalErrorStatus}, FEI {pdu.FatalErrorInformation}.");
        }

        if (pdu.ErrorHeader.Length < 8 || !expectation.Pdu!.AsSpan().StartsWith(pdu.ErrorHeader))
        {
            throw new HostileException("The header in error is not the one that was sent.");
        }

        session.Send(HostileSession.Text(session.Random.Next(1, 300), session.Random));
        if (session.Receive() is { } late)
        {
            throw new HostileException($"PDU type {late.Type} behind a termination request.");
        }
    }

    private void NeighbourWrites()
    {
        byte[] data = new byte[64 * World.BlockSize];
        for (int i = 0; i < data.Length; i += World.NeighbourMark.Length)
        {
            World.NeighbourMark.CopyTo(data, i);
        }

        _neighbour.MustDo(HostileSession.Blocks(Wire.Write, _neighbour.NextCommandId(), 0, 64), data: data);
    }

    private HostileSession Session(int seed) => new(World, World.Open(), new Random(seed));

    private ushort NextQueueId() => _queueId = (ushort)((_queueId % 60) + 1);
}
