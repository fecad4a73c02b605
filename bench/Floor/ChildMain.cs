using System.Globalization;

namespace Nvmf.Bench.Floor;

/// <summary>
/// The child's end of the conversation with <see cref="ServerProcess"/>: one line with the port, then an answer to every line. The end of the input is the end
/// of the child, so that none is left behind when the parent is killed.
/// </summary>
internal static class ChildMain
{
    public static async Task<int> RunAsync(ServerKind kind, int core)
    {
        Affinity.Pin(core);
        using var stop = new CancellationTokenSource();
        var server = kind == ServerKind.Floor ? FloorServer.RunAsync(Announce, stop.Token) : TargetServer.RunAsync(Announce, stop.Token);
        var input = Task.Run(Answer);
        await await Task.WhenAny(server, input);
        await stop.CancelAsync();
        await server;
        return 0;
    }

    private static void Announce(int port) => Console.WriteLine(port.ToString(CultureInfo.InvariantCulture));

    private static void Answer()
    {
        while (Console.ReadLine() is not null)
        {
            Console.WriteLine(GC.GetTotalAllocatedBytes(precise: true).ToString(CultureInfo.InvariantCulture));
        }
    }
}
