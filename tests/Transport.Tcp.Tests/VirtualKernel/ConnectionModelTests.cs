using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using Nvmf.Transport.Tcp.Internal;
using Xunit.Abstractions;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>
/// Random runs of a connection against a modelled kernel, shrunk when they fail. NVMF_MODEL_SEED (the number in the output) repeats them,
/// NVMF_MODEL_CASES sets their number.
/// </summary>
public sealed class ConnectionModelTests(ITestOutputHelper output)
{
    private static readonly Gen<ModelSettings> Settings =
        from index in Gen.Elements(0u, uint.MaxValue, uint.MaxValue - 3, 0x7FFF_FFFEu)
        from buffer in Gen.Elements(1000, 10_000, 70_000, 1 << 20)
        from hasZeroCopy in Gen.Frequency((9, Gen.Constant(true)), (1, Gen.Constant(false)))
        from isHelpful in Gen.Elements(true, false)
        from content in Gen.Choose(0, int.MaxValue - 1)
        select new ModelSettings(index, buffer, hasZeroCopy, isHelpful, content);

    private static readonly Gen<Run> Runs =
        from settings in Settings
        from weather in Gen.Elements(Enum.GetValues<Weather>())
        from operations in OperationsIn(weather).ListOf(80)
        select new Run(settings, operations.ToArray());

    private ConnectionModelHost? _host;

    [Theory]
    [InlineData("always", 400)]
    [InlineData("4096", 400)]
    [InlineData("auto", 250)]
    [InlineData("never", 150)]
    public void EveryInvariantHoldsAtEveryStep(string mode, int cases)
    {
        Assert.True(ZeroCopyMode.TryParse(mode, out ZeroCopyMode zeroCopy));
        var coverage = new Coverage();
        CheckRuns(zeroCopy, Cases(cases), null, coverage);
        _host!.AssertQuarantineUntouched();
        _host.Dispose();
        output.WriteLine(coverage.ToString());
        coverage.AssertReachesEverything(zeroCopy != ZeroCopyMode.Never);
    }

    [Theory]
    [InlineData(nameof(LyingSocket.NotifiesEarly), "I1")]
    [InlineData(nameof(LyingSocket.TakesDisconnectForProof), "I1")]
    [InlineData(nameof(LyingSocket.TakesZeroCopyForCopy), "I1")]
    [InlineData(nameof(LyingSocket.CountsFromOneTooFar), "I8")]
    [InlineData(nameof(LyingSocket.ReportsOneMore), "I1")]
    [InlineData(nameof(LyingSocket.SendsTwice), "I9")]
    [InlineData(nameof(LyingSocket.ClosesTwice), "I4")]
    public void AConnectionThatBelievesALieIsCaught(string lie, string invariant)
    {
        Exception failure = Assert.ThrowsAny<Exception>(
            () => CheckRuns(ZeroCopyMode.AtLeast(4096), 500, (kernel, socket) => LyingSocket.Create(lie, kernel, socket), new Coverage(), usualSeed: 1));
        output.WriteLine(failure.ToString());
        Assert.Contains(invariant + ":", failure.ToString(), StringComparison.Ordinal);
    }

    private void CheckRuns(ZeroCopyMode mode, int cases, Func<KernelModel, TcpSocket, TcpSocket>? mutation, Coverage coverage, ulong? usualSeed = null)
    {
        ulong seed = ulong.TryParse(Environment.GetEnvironmentVariable("NVMF_MODEL_SEED"), CultureInfo.InvariantCulture, out ulong wanted)
            ? wanted
            : usualSeed ?? (ulong)Random.Shared.NextInt64();
        output.WriteLine($"NVMF_MODEL_SEED={seed}");
        Config config = Config.QuickThrowOnFailure.WithMaxTest(cases).WithReplay(FSharpOption<Replay>.Some(new Replay(new Rnd(seed, 1), FSharpOption<int>.None)));
        Check.One(config, Prop.ForAll(Arb.From(Runs, run => run.Shorter()), run => Play(mode, run, mutation, coverage)));
    }

    private void Play(ZeroCopyMode mode, Run run, Func<KernelModel, TcpSocket, TcpSocket>? mutation, Coverage coverage)
    {
        _host ??= new ConnectionModelHost(mode);
        try
        {
            var model = new ConnectionModel(_host, run.Settings, mutation);
            foreach (Operation operation in run.Operations)
            {
                model.Run(operation);
            }

            model.End(run.Settings.IsHelpfulAtTheEnd);
            coverage.Add(model);
        }
        catch
        {
            // What is left of this run must not disturb the next, which may be a shorter version of it.
            _host = null;
            throw;
        }
    }

    private static int Cases(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("NVMF_MODEL_CASES"), CultureInfo.InvariantCulture, out int wanted) ? wanted : usual;

    private static Gen<Operation> OperationsIn(Weather weather) =>
        from kind in Gen.Frequency(Enum.GetValues<OperationKind>().Select(kind => (Weight(kind, weather), Gen.Constant(kind))).Where(kind => kind.Item1 > 0).ToArray())
        from a in Gen.Choose(0, 1000)
        from b in Gen.Choose(0, 1000)
        select new Operation(kind, a, b);

    private static int Weight(OperationKind kind, Weather weather) => kind switch
    {
        OperationKind.AbortLifecycle or OperationKind.AbortConnection or OperationKind.PeerSendsReset => weather == Weather.Stormy ? 1 : 0,
        OperationKind.RefuseReceive or OperationKind.RefuseOther or OperationKind.RefuseSend => weather == Weather.Stormy ? 1 : 0,
        OperationKind.PeerSendsFin or OperationKind.BeginTeardown => weather == Weather.Calm ? 0 : 1,
        OperationKind.AppendData or OperationKind.DeliverReadiness or OperationKind.RunLoop => 12,
        OperationKind.AppendHeader or OperationKind.Transmit or OperationKind.PeerAcknowledges or OperationKind.Free => 10,
        OperationKind.Notify or OperationKind.NotifyOutOfOrder or OperationKind.PeerSends or OperationKind.TimePasses => 6,
        _ => 3,
    };

    /// <summary>What may happen in a run. The end of each is a teardown in any case.</summary>
    private enum Weather
    {
        /// <summary>Traffic alone, zero-copy refused now and then.</summary>
        Calm,

        /// <summary>Teardowns and the peer's FIN at any time.</summary>
        Windy,

        /// <summary>Aborts, resets and errors of every call, too.</summary>
        Stormy,
    }

    /// <summary>One case. Shorter ones leave operations out.</summary>
    private sealed record Run(ModelSettings Settings, Operation[] Operations)
    {
        public IEnumerable<Run> Shorter()
        {
            for (int size = Operations.Length / 2; size > 0; size /= 2)
            {
                for (int from = 0; from + size <= Operations.Length; from += size)
                {
                    yield return this with { Operations = [.. Operations[..from], .. Operations[(from + size)..]] };
                }
            }
        }

        public override string ToString() => $"{Settings}{Environment.NewLine}{string.Join(Environment.NewLine, Operations.Select(operation => operation.ToString()))}";
    }
}
