using System.Text;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Tests.Seam;

namespace Nvmf.Target.Tests.Support;

/// <summary>Commands as hosts send them.</summary>
public static class Commands
{
    public const string HostNqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";

    public static Guid HostId { get; } = Guid.Parse("11111111-2222-3333-4444-555555555555");

    public static ConnectData ConnectData(string subsystem, ushort controllerId = 0xFFFF, string hostNqn = HostNqn, Guid? hostId = null)
    {
        var data = new ConnectData { HostId = new Identifier128(hostId ?? HostId), ControllerId = controllerId };
        data.SubsystemNqn.Set(subsystem);
        data.HostNqn.Set(hostNqn);
        return data;
    }

    public static SubmissionQueueEntry Connect(ushort queueId, ushort size = 31, uint keepAlive = 5000, ConnectAttributes attributes = ConnectAttributes.None)
    {
        SubmissionQueueEntry entry = Fabrics(FabricsCommandType.Connect);
        ref ConnectCommand connect = ref ConnectCommand.Edit(ref entry);
        connect.QueueId = queueId;
        connect.SubmissionQueueSize = size;
        connect.KeepAliveTimeout = keepAlive;
        connect.Attributes = attributes;
        return entry;
    }

    public static HostRequest Connect(SubmissionQueueEntry entry, ConnectData data, bool inCapsule = true) =>
        new(entry) { HostData = WireStructure.AsBytes(in data).ToArray(), InCapsule = inCapsule };

    public static SubmissionQueueEntry PropertyGet(PropertyOffset offset, bool wide = false)
    {
        SubmissionQueueEntry entry = Fabrics(FabricsCommandType.PropertyGet);
        ref PropertyCommand command = ref PropertyCommand.Edit(ref entry);
        command.Offset = offset;
        command.Attributes = wide ? (byte)1 : (byte)0;
        return entry;
    }

    public static SubmissionQueueEntry PropertySet(PropertyOffset offset, ulong value, bool wide = false)
    {
        SubmissionQueueEntry entry = Fabrics(FabricsCommandType.PropertySet);
        ref PropertyCommand command = ref PropertyCommand.Edit(ref entry);
        command.Offset = offset;
        command.Value = value;
        command.Attributes = wide ? (byte)1 : (byte)0;
        return entry;
    }

    public static SubmissionQueueEntry Admin(AdminOpcode opcode, uint namespaceId = 0) =>
        new() { Opcode = (byte)opcode, Flags = SubmissionQueueEntryExtensions.SglFlags, NamespaceId = namespaceId };

    public static HostRequest Identify(IdentifyCns cns, uint namespaceId = 0, byte commandSet = 0, ushort controllerId = 0)
    {
        SubmissionQueueEntry entry = Admin(AdminOpcode.Identify, namespaceId);
        ref IdentifyCommand command = ref IdentifyCommand.Edit(ref entry);
        command.Cns = cns;
        command.CommandSet = (CommandSetIdentifier)commandSet;
        command.ControllerId = controllerId;
        return new HostRequest(entry) { DataLength = 4096 };
    }

    public static HostRequest GetLog(LogPageIdentifier page, uint length, ulong offset = 0, bool retain = false, uint namespaceId = 0xFFFF_FFFF)
    {
        SubmissionQueueEntry entry = Admin(AdminOpcode.GetLogPage, namespaceId);
        ref GetLogPageCommand command = ref GetLogPageCommand.Edit(ref entry);
        command.LogPage = page;
        command.LengthInBytes = length;
        command.Offset = offset;
        command.RetainAsynchronousEvent = retain;
        return new HostRequest(entry) { DataLength = length };
    }

    public static HostRequest SetFeatures(FeatureIdentifier feature, uint value, byte[]? data = null, uint namespaceId = 0, bool save = false)
    {
        SubmissionQueueEntry entry = Admin(AdminOpcode.SetFeatures, namespaceId);
        ref FeatureCommand command = ref FeatureCommand.Edit(ref entry);
        command.Feature = feature;
        command.Value = value;
        command.Save = save;
        return new HostRequest(entry) { HostData = data, InCapsule = data != null };
    }

    public static HostRequest GetFeatures(
        FeatureIdentifier feature,
        uint value = 0,
        uint length = 0,
        FeatureSelect select = FeatureSelect.Current,
        uint namespaceId = 0)
    {
        SubmissionQueueEntry entry = Admin(AdminOpcode.GetFeatures, namespaceId);
        ref FeatureCommand command = ref FeatureCommand.Edit(ref entry);
        command.Feature = feature;
        command.Value = value;
        command.Select = select;
        return new HostRequest(entry) { DataLength = length };
    }

    public static HostRequest Abort(ushort queueId, ushort commandId)
    {
        SubmissionQueueEntry entry = Admin(AdminOpcode.Abort);
        ref AbortCommand command = ref AbortCommand.Edit(ref entry);
        command.SubmissionQueueId = queueId;
        command.CommandToAbort = commandId;
        return new HostRequest(entry);
    }

    public static SubmissionQueueEntry InputOutput(InputOutputOpcode opcode, ulong start, uint blocks, uint namespaceId = 1)
    {
        var entry = new SubmissionQueueEntry { Opcode = (byte)opcode, Flags = SubmissionQueueEntryExtensions.SglFlags, NamespaceId = namespaceId };
        ref InputOutputCommand command = ref InputOutputCommand.Edit(ref entry);
        command.StartingLba = start;
        command.Blocks = blocks;
        return entry;
    }

    public static HostRequest Read(ulong start, uint blocks, int blockSize = 512, uint namespaceId = 1) =>
        new(InputOutput(InputOutputOpcode.Read, start, blocks, namespaceId)) { DataLength = blocks * (uint)blockSize };

    public static HostRequest Write(ulong start, byte[] data, int blockSize = 512, uint namespaceId = 1, bool inCapsule = false) =>
        new(InputOutput(InputOutputOpcode.Write, start, (uint)(data.Length / blockSize), namespaceId)) { HostData = data, InCapsule = inCapsule };

    public static HostRequest Compare(ulong start, byte[] data, int blockSize = 512, bool inCapsule = false) =>
        new(InputOutput(InputOutputOpcode.Compare, start, (uint)(data.Length / blockSize))) { HostData = data, InCapsule = inCapsule };

    /// <summary>A Compare and the Write behind it, of one block.</summary>
    public static (HostRequest Compare, HostRequest Write) Fused(
        ulong block, byte[] expected, byte[] data, bool compareInCapsule = true, bool writeInCapsule = true, bool withholdCompare = false, bool withholdWrite = false)
    {
        SubmissionQueueEntry compare = InputOutput(InputOutputOpcode.Compare, block, 1);
        SubmissionQueueEntry write = InputOutput(InputOutputOpcode.Write, block, 1);
        compare.Flags |= 1;
        write.Flags |= 2;
        return (
            new HostRequest(compare) { HostData = expected, InCapsule = compareInCapsule, WithholdData = withholdCompare },
            new HostRequest(write) { HostData = data, InCapsule = writeInCapsule, WithholdData = withholdWrite });
    }

    public static HostRequest Flush(uint namespaceId = 1) => new(InputOutput(InputOutputOpcode.Flush, 0, 1, namespaceId));

    public static HostRequest DatasetManagement(params (ulong Start, uint Blocks)[] ranges)
    {
        SubmissionQueueEntry entry = InputOutput(InputOutputOpcode.DatasetManagement, 0, 1);
        entry.Dword12 = 0;
        ref DatasetManagementCommand command = ref DatasetManagementCommand.Edit(ref entry);
        command.Ranges = ranges.Length;
        command.Attributes = DatasetManagementAttributes.Deallocate;
        var data = new byte[ranges.Length * DatasetManagementRange.Size];
        for (int i = 0; i < ranges.Length; i++)
        {
            WireStructure.Write(
                data.AsSpan(i * DatasetManagementRange.Size),
                new DatasetManagementRange { StartingLba = ranges[i].Start, Blocks = ranges[i].Blocks });
        }

        return new HostRequest(entry) { HostData = data, InCapsule = true };
    }

    public static HostRequest Copy(ulong destination, params (ulong Start, uint Blocks)[] sources)
    {
        SubmissionQueueEntry entry = InputOutput(InputOutputOpcode.Copy, destination, 1);
        ref CopyCommand command = ref CopyCommand.Edit(ref entry);
        command.Ranges = sources.Length;
        var data = new byte[sources.Length * CopyDescriptor.Size];
        for (int i = 0; i < sources.Length; i++)
        {
            WireStructure.Write(
                data.AsSpan(i * CopyDescriptor.Size),
                new CopyDescriptor { StartingLba = sources[i].Start, Blocks = (ushort)(sources[i].Blocks - 1) });
        }

        return new HostRequest(entry) { HostData = data, InCapsule = true };
    }

    /// <summary>A text of a Connect field without room for the terminator.</summary>
    public static void FillUnterminated(Span<byte> field) => Encoding.ASCII.GetBytes(new string('x', field.Length), field);

    private static SubmissionQueueEntry Fabrics(FabricsCommandType type) =>
        new() { Opcode = (byte)AdminOpcode.Fabrics, Flags = SubmissionQueueEntryExtensions.SglFlags, FabricsCommandType = type };
}
