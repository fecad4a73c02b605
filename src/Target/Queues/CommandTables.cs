using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Admin;
using Nvmf.Target.Authentication;
using Nvmf.Target.InputOutput;

namespace Nvmf.Target.Queues;

/// <summary>Who executes which opcode, by kind of queue.</summary>
internal static class CommandTables
{
    private static readonly (AdminOpcode Opcode, CommandExecutor Executor)[] AdminCommands =
    [
        (AdminOpcode.GetLogPage, new GetLogPageExecutor()),
        (AdminOpcode.Identify, new IdentifyExecutor()),
        (AdminOpcode.Abort, new AbortExecutor()),
        (AdminOpcode.SetFeatures, new SetFeaturesExecutor()),
        (AdminOpcode.GetFeatures, new GetFeaturesExecutor()),
        (AdminOpcode.AsynchronousEventRequest, new AsynchronousEventRequestExecutor()),
        (AdminOpcode.KeepAlive, new KeepAliveExecutor()),
        (AdminOpcode.CrossControllerReset, new CrossControllerResetExecutor()),
    ];

    private static readonly (InputOutputOpcode Opcode, CommandExecutor Executor)[] NvmCommands =
    [
        (InputOutputOpcode.Flush, new FlushExecutor()),
        (InputOutputOpcode.Write, new WriteExecutor()),
        (InputOutputOpcode.Read, new ReadExecutor()),
        (InputOutputOpcode.Compare, new CompareExecutor()),
        (InputOutputOpcode.WriteZeroes, new WriteZeroesExecutor()),
        (InputOutputOpcode.DatasetManagement, new DatasetManagementExecutor()),
        (InputOutputOpcode.Verify, new VerifyExecutor()),
        (InputOutputOpcode.ReservationRegister, new ReservationRegisterExecutor()),
        (InputOutputOpcode.ReservationReport, new ReservationReportExecutor()),
        (InputOutputOpcode.ReservationAcquire, new ReservationAcquireExecutor()),
        (InputOutputOpcode.ReservationRelease, new ReservationReleaseExecutor()),
        (InputOutputOpcode.Copy, new CopyExecutor()),
    ];

    /// <summary>Before Connect: everything else is a Command Sequence Error.</summary>
    public static CommandExecutor[] Unconnected { get; } =
        Build(new RejectExecutor(NvmeStatus.CommandSequenceError), new ConnectExecutor(), []);

    /// <summary>Connected, before the host has proven who it is.</summary>
    public static CommandExecutor[] Unauthenticated { get; } =
        Build(new RejectExecutor(NvmeStatus.AuthenticationRequired), new UnauthenticatedExecutor(), []);

    /// <summary>Admin queue. Discovery controllers know the same commands, but less of what one can ask by them.</summary>
    public static CommandExecutor[] Admin { get; } = Build(
        new RejectAdminExecutor(),
        new FabricsExecutor(),
        AdminCommands.Select(command => ((byte)command.Opcode, command.Executor)));

    /// <summary>I/O queue.</summary>
    public static CommandExecutor[] InputOutput { get; } = Build(
        new RejectExecutor(NvmeStatus.InvalidOpcode),
        new FabricsExecutor(),
        NvmCommands.Select(command => ((byte)command.Opcode, command.Executor)));

    /// <summary>A Compare whose flags say that a Write follows.</summary>
    public static CommandExecutor FusedCompare { get; } = new FusedCompareExecutor();

    /// <summary>A Write whose flags say that it follows a Compare.</summary>
    public static CommandExecutor FusedWrite { get; } = new FusedWriteExecutor();

    /// <summary>Opcodes of I/O queues that do something.</summary>
    public static IEnumerable<InputOutputOpcode> InputOutputOpcodes => NvmCommands.Select(command => command.Opcode);

    /// <summary>Opcodes of admin queues that do something.</summary>
    public static IEnumerable<AdminOpcode> AdminOpcodes => AdminCommands.Select(command => command.Opcode);

    private static CommandExecutor[] Build(CommandExecutor others, CommandExecutor fabrics, IEnumerable<(byte Opcode, CommandExecutor Executor)> commands)
    {
        var table = new CommandExecutor[256];
        Array.Fill(table, others);
        table[(byte)AdminOpcode.Fabrics] = fabrics;
        foreach ((byte opcode, CommandExecutor executor) in commands)
        {
            table[opcode] = executor;
        }

        return table;
    }
}
