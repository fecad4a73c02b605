using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.Identify;

/// <summary>Identify pages that are lists (CNS 02h, 07h, 13h).</summary>
internal static class IdentifyLists
{
    private const int MaxControllerListEntries = 2047;

    /// <summary>Active namespace identifiers greater than <paramref name="after"/>, ascending.</summary>
    public static NvmeStatus WriteActiveNamespaces(Controller controller, uint after, Span<byte> page)
    {
        if (after >= NamespaceIdentifiers.Broadcast - 1)
        {
            return NvmeStatus.InvalidNamespace;
        }

        Span<uint> list = MemoryMarshal.Cast<byte, uint>(page);
        int index = 0;
        foreach (Namespace ns in controller.Subsystem!.Namespaces)
        {
            if (ns.Id > after && index < list.Length)
            {
                list[index++] = ns.Id;
            }
        }

        return NvmeStatus.Success;
    }

    /// <summary>Controllers of the subsystem from <paramref name="first"/> on, ascending; the first entry is their number.</summary>
    public static void WriteControllers(Controller controller, ushort first, Span<byte> page)
    {
        Span<ushort> list = MemoryMarshal.Cast<byte, ushort>(page);
        foreach (ushort id in controller.Subsystem!.Controllers.Select(static info => info.Id).Where(id => id >= first).Order())
        {
            if (list[0] == MaxControllerListEntries)
            {
                break;
            }

            list[++list[0]] = id;
        }
    }
}
