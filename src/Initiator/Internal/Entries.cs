using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Initiator.Internal;

/// <summary>Submission queue entries of the commands that the awaitable layer knows.</summary>
internal static class Entries
{
    public static SubmissionQueueEntry Admin(AdminOpcode opcode, uint namespaceId = 0) =>
        new() { Opcode = (byte)opcode, Flags = SubmissionQueueEntryExtensions.SglFlags, NamespaceId = namespaceId };

    public static SubmissionQueueEntry Fabrics(FabricsCommandType type) =>
        new() { Opcode = (byte)AdminOpcode.Fabrics, Flags = SubmissionQueueEntryExtensions.SglFlags, FabricsCommandType = type };

    public static SubmissionQueueEntry Io(InputOutputOpcode opcode, uint namespaceId) =>
        new() { Opcode = (byte)opcode, Flags = SubmissionQueueEntryExtensions.SglFlags, NamespaceId = namespaceId };

    public static SubmissionQueueEntry Identify(IdentifyCns cns, uint namespaceId, ushort controllerId)
    {
        var entry = Admin(AdminOpcode.Identify, namespaceId);
        ref var command = ref IdentifyCommand.Edit(ref entry);
        command.Cns = cns;
        command.ControllerId = controllerId;
        return entry;
    }

    public static SubmissionQueueEntry GetLogPage(
        LogPageIdentifier page, uint namespaceId, ulong offset, int length, bool retainAsynchronousEvent, byte specific)
    {
        var entry = Admin(AdminOpcode.GetLogPage, namespaceId);
        ref var command = ref GetLogPageCommand.Edit(ref entry);
        command.LogPage = page;
        command.Offset = offset;
        command.LengthInBytes = (ulong)length;
        command.RetainAsynchronousEvent = retainAsynchronousEvent;
        command.LogSpecificParameter = specific;
        return entry;
    }

    public static SubmissionQueueEntry GetFeatures(FeatureIdentifier feature, uint namespaceId, FeatureSelect select, uint value)
    {
        var entry = Admin(AdminOpcode.GetFeatures, namespaceId);
        ref var command = ref FeatureCommand.Edit(ref entry);
        command.Feature = feature;
        command.Select = select;
        command.Value = value;
        return entry;
    }

    public static SubmissionQueueEntry SetFeatures(FeatureIdentifier feature, uint namespaceId, uint value, bool save)
    {
        var entry = Admin(AdminOpcode.SetFeatures, namespaceId);
        ref var command = ref FeatureCommand.Edit(ref entry);
        command.Feature = feature;
        command.Value = value;
        command.Save = save;
        return entry;
    }

    public static SubmissionQueueEntry Abort(ushort queueId, ushort commandId)
    {
        var entry = Admin(AdminOpcode.Abort);
        ref var command = ref AbortCommand.Edit(ref entry);
        command.SubmissionQueueId = queueId;
        command.CommandToAbort = commandId;
        return entry;
    }

    public static SubmissionQueueEntry CrossControllerReset(ushort controllerId, byte instanceUniquifier, ulong instanceRandomNumber)
    {
        var entry = Admin(AdminOpcode.CrossControllerReset);
        ref var command = ref CrossControllerResetCommand.Edit(ref entry);
        command.ControllerId = controllerId;
        command.InstanceUniquifier = instanceUniquifier;
        command.InstanceRandomNumber = instanceRandomNumber;
        return entry;
    }

    public static SubmissionQueueEntry Connect(ushort queueId, int depth, ConnectAttributes attributes, TimeSpan keepAlive)
    {
        var entry = Fabrics(FabricsCommandType.Connect);
        ref var command = ref ConnectCommand.Edit(ref entry);
        command.QueueId = queueId;
        // Zero based, and a full ring has one free entry: the same number as the commands in flight.
        command.SubmissionQueueSize = (ushort)depth;
        command.Attributes = attributes;
        command.KeepAliveTimeout = (uint)Math.Ceiling(keepAlive.TotalMilliseconds);
        return entry;
    }

    public static SubmissionQueueEntry Authentication(FabricsCommandType type, int length)
    {
        var entry = Fabrics(type);
        ref var command = ref AuthenticationCommand.Edit(ref entry);
        command.SecurityProtocol = AuthenticationCommand.NvmeSecurityProtocol;
        command.Specific0 = command.Specific1 = AuthenticationCommand.AuthenticationSpecific;
        command.Length = (uint)length;
        return entry;
    }

    public static SubmissionQueueEntry PropertyGet(PropertyOffset offset)
    {
        var entry = Fabrics(FabricsCommandType.PropertyGet);
        ref var command = ref PropertyCommand.Edit(ref entry);
        command.Attributes = offset == PropertyOffset.Capabilities ? (byte)1 : (byte)0;
        command.Offset = offset;
        return entry;
    }

    public static SubmissionQueueEntry PropertySet(PropertyOffset offset, uint value)
    {
        var entry = Fabrics(FabricsCommandType.PropertySet);
        ref var command = ref PropertyCommand.Edit(ref entry);
        command.Offset = offset;
        command.Value = value;
        return entry;
    }

    public static SubmissionQueueEntry Blocks(InputOutputOpcode opcode, uint namespaceId, ulong block, uint count)
    {
        var entry = Io(opcode, namespaceId);
        ref var command = ref InputOutputCommand.Edit(ref entry);
        command.StartingLba = block;
        command.Blocks = count;
        return entry;
    }
}
