using System.Globalization;
using System.Net;
using RdmaPing;
using RdmaSharp;

// RdmaPing ADDRESS:PORT [ROUNDS] [own|shared|both]
// Both ends of an RDMA connection in one process and one thread: listens at an address of this machine that an RDMA device has, connects to it, plays ping-pong,
// writes and reads the other end's memory, disconnects, and destroys everything, in the order that goes wrong most easily. Prints what it counted.
// The listening end's receives come from its own queue, a shared receive queue, or one after the other. Exit codes: 0 all as expected, 1 not, 2 usage, 69 no RDMA here.
string queues = args.Length > 2 ? args[2] : "own";
int rounds = 100;
if (args.Length is < 1 or > 3 || !IPEndPoint.TryParse(args[0], out IPEndPoint? address) || queues is not ("own" or "shared" or "both")
    || (args.Length > 1 && !int.TryParse(args[1], CultureInfo.InvariantCulture, out rounds)))
{
    Console.Error.WriteLine("usage: RdmaPing ADDRESS:PORT [ROUNDS] [own|shared|both]");
    return 2;
}

if (Rdma.UnsupportedReason is { } reason)
{
    Console.Error.WriteLine(reason);
    return 69;
}

var report = new Report(Console.Out);
try
{
    if (queues is "own" or "both")
    {
        Run(shared: false);
    }

    if (queues is "shared" or "both")
    {
        Run(shared: true);
    }
}
catch (Exception exception) when (exception is RdmaException or TimeoutException or InvalidOperationException)
{
    report.Fail(exception.ToString());
}

return report.Finish() ? 0 : 1;

void Run(bool shared)
{
    report.Note("queue", shared ? "shared" : "own");
    using (var session = new Session(address, shared, report))
    {
        session.Connect();
        session.PingPong(rounds);
        session.WriteAndRead();
        session.PostChain();
        session.Reject();
        session.Disconnect();
        session.DestroyInAnyOrder();
    }

    report.Equal("live handles", RdmaHandle.LiveCount, 0);
    report.Equal("failed destructions", RdmaHandle.FailedDestructionCount, 0);
}
