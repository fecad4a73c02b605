using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>Commands supported and effects (05h), of the NVM command set.</summary>
internal sealed class CommandEffectsPage : LogPage
{
    private static readonly byte[] Page = Build();

    public override LogPageIdentifier Identifier => LogPageIdentifier.CommandsSupportedAndEffects;

    public override bool Accepts(ref readonly GetLogPageCommand command) => command.CommandSet == CommandSetIdentifier.Nvm;

    public override ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep) => Page;

    private static byte[] Build()
    {
        var page = default(CommandsSupportedAndEffects);
        foreach (AdminOpcode opcode in CommandTables.AdminOpcodes)
        {
            page.Admin[(int)opcode] = CommandEffects.Supported | CommandEffects.ControllerScope;
        }

        // No command scope here, it is optional: Linux 6.1 warns of "unusual effects" for any bit of an I/O command that it does not know.
        foreach (InputOutputOpcode opcode in CommandTables.InputOutputOpcodes)
        {
            page.InputOutput[(int)opcode] = CommandEffects.Supported
                | (ChangesBlocks(opcode) ? CommandEffects.LogicalBlockContentChange : CommandEffects.None);
        }

        return WireStructure.AsBytes(in page).ToArray();
    }

    private static bool ChangesBlocks(InputOutputOpcode opcode) =>
        opcode is InputOutputOpcode.Write or InputOutputOpcode.WriteZeroes or InputOutputOpcode.DatasetManagement or InputOutputOpcode.Copy;
}
