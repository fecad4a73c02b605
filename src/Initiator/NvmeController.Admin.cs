using System.Runtime.InteropServices;
using Nvmf.Abstractions.Fabrics;
using Nvmf.Initiator.Internal;

namespace Nvmf.Initiator;

public sealed partial class NvmeController
{
    private const int IdentifyLength = 4096;

    // What a list may have before we take it for nonsense.
    private const int MaxNamespaces = 1 << 20;

    /// <summary>Reads a property (Property Get): 8 bytes for CAP, 4 for the others.</summary>
    public async Task<ulong> GetPropertyAsync(PropertyOffset offset, CancellationToken cancellationToken = default)
    {
        var completion = await SendAsync("Property Get", Entries.PropertyGet(offset), cancellationToken).ConfigureAwait(false);
        return offset == PropertyOffset.Capabilities ? completion.Result : completion.Dword0;
    }

    /// <summary>Writes a property of 4 bytes (Property Set).</summary>
    public async Task SetPropertyAsync(PropertyOffset offset, uint value, CancellationToken cancellationToken = default) =>
        await SendAsync("Property Set", Entries.PropertySet(offset, value), cancellationToken).ConfigureAwait(false);

    /// <summary>Identify Controller, CNS 01h. <see cref="Identity"/> keeps what was read when connecting.</summary>
    public async Task<IdentifyController> IdentifyControllerAsync(CancellationToken cancellationToken = default) =>
        WireStructure.Read<IdentifyController>(await IdentifyAsync(IdentifyCns.Controller, 0, 0, cancellationToken).ConfigureAwait(false));

    /// <summary>Identify Namespace, CNS 00h: all zeroes for a namespace that is not active.</summary>
    public async Task<IdentifyNamespace> IdentifyNamespaceAsync(uint namespaceId, CancellationToken cancellationToken = default) =>
        WireStructure.Read<IdentifyNamespace>(await IdentifyAsync(IdentifyCns.Namespace, namespaceId, 0, cancellationToken).ConfigureAwait(false));

    /// <summary>Identifiers of all active namespaces, ascending; CNS 02h as often as needed.</summary>
    /// <exception cref="InvalidDataException">The list does not ascend, or has more than 2^20 namespaces.</exception>
    public async Task<IReadOnlyList<uint>> GetActiveNamespacesAsync(CancellationToken cancellationToken = default)
    {
        var all = new List<uint>();
        while (true)
        {
            var last = all.Count == 0 ? 0 : all[^1];
            var page = await IdentifyAsync(IdentifyCns.ActiveNamespaceList, last, 0, cancellationToken).ConfigureAwait(false);
            var before = all.Count;
            foreach (var id in MemoryMarshal.Cast<byte, uint>(page))
            {
                if (id == 0)
                {
                    return all;
                }
                // Also what keeps a broken controller from having us ask for ever.
                if (all.Count > 0 && id <= all[^1])
                {
                    throw new InvalidDataException("The controller's list of active namespaces does not ascend.");
                }

                all.Add(id);
            }

            if (all.Count > MaxNamespaces)
            {
                throw new InvalidDataException("The controller's list of active namespaces does not end.");
            }

            // FFFFFFFEh is the largest identifier, and asking for more than it is an error.
            if (all.Count == before || all[^1] >= 0xFFFF_FFFE)
            {
                return all;
            }
        }
    }

    /// <summary>Namespace identification descriptors, CNS 03h, for <see cref="NamespaceIdentificationDescriptor.TryRead"/>. 4096 bytes.</summary>
    public Task<byte[]> GetNamespaceDescriptorsAsync(uint namespaceId, CancellationToken cancellationToken = default) =>
        IdentifyAsync(IdentifyCns.NamespaceIdentificationDescriptors, namespaceId, 0, cancellationToken);

    /// <summary>Any Identify data structure: 4096 bytes.</summary>
    public async Task<byte[]> IdentifyAsync(IdentifyCns cns, uint namespaceId, ushort controllerId, CancellationToken cancellationToken = default)
    {
        var data = new byte[IdentifyLength];
        await FetchAsync("Identify", Entries.Identify(cns, namespaceId, controllerId), data, cancellationToken).ConfigureAwait(false);
        return data;
    }

    /// <summary>Reads (a part of) a log page.</summary>
    /// <param name="page">LID.</param>
    /// <param name="destination">Room; its length must be a positive multiple of 4 and at most <see cref="MaxTransferLength"/>.</param>
    /// <param name="offset">LPO in bytes, a multiple of 4.</param>
    /// <param name="namespaceId">NSID; FFFFFFFFh for the controller.</param>
    /// <param name="retainAsynchronousEvent">RAE: leave the event that announced the page pending.</param>
    /// <param name="specific">LSP, the log specific field.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    public async Task GetLogPageAsync(
        LogPageIdentifier page,
        Memory<byte> destination,
        ulong offset = 0,
        uint namespaceId = uint.MaxValue,
        bool retainAsynchronousEvent = false,
        byte specific = 0,
        CancellationToken cancellationToken = default)
    {
        if (destination.IsEmpty || destination.Length % sizeof(uint) != 0)
        {
            throw new ArgumentException("The length of a log page must be a positive multiple of 4.", nameof(destination));
        }

        var entry = Entries.GetLogPage(page, namespaceId, offset, destination.Length, retainAsynchronousEvent, specific);
        await FetchAsync("Get Log Page", entry, destination, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Get Features; <paramref name="value"/> is dword 11.</summary>
    /// <returns>Dword 0 of the completion: the value of features that have no data.</returns>
    public async Task<uint> GetFeatureAsync(
        FeatureIdentifier feature,
        uint namespaceId = 0,
        FeatureSelect select = FeatureSelect.Current,
        uint value = 0,
        Memory<byte> data = default,
        CancellationToken cancellationToken = default)
    {
        var entry = Entries.GetFeatures(feature, namespaceId, select, value);
        return (await FetchAsync("Get Features", entry, data, cancellationToken).ConfigureAwait(false)).Dword0;
    }

    /// <summary>Set Features; <paramref name="value"/> is dword 11.</summary>
    /// <returns>Dword 0 of the completion.</returns>
    public async Task<uint> SetFeatureAsync(
        FeatureIdentifier feature,
        uint value,
        uint namespaceId = 0,
        ReadOnlyMemory<byte> data = default,
        bool save = false,
        CancellationToken cancellationToken = default)
    {
        var entry = Entries.SetFeatures(feature, namespaceId, value, save);
        return (await SendAsync("Set Features", entry, data, cancellationToken).ConfigureAwait(false)).Dword0;
    }

    /// <summary>Asks the controller to abort a command.</summary>
    /// <returns>True when the controller says that it did.</returns>
    public async Task<bool> AbortAsync(ushort queueId, ushort commandId, CancellationToken cancellationToken = default)
    {
        var completion = await SendAsync("Abort", Entries.Abort(queueId, commandId), cancellationToken).ConfigureAwait(false);
        return (completion.Dword0 & 1) == 0;
    }

    /// <summary>
    /// Asks this controller to reset another one of its subsystem (Cross-Controller Reset), which this host has lost. When the answer is true, no command of the
    /// other is executed any more: it is fenced.
    /// </summary>
    /// <param name="impacted">The other controller as it described itself: CNTLID, CIU and CIRN name the association, not only the controller.</param>
    /// <param name="cancellationToken">Aborts the command.</param>
    /// <returns>False when the reset was only begun.</returns>
    public async Task<bool> CrossControllerResetAsync(IdentifyController impacted, CancellationToken cancellationToken = default)
    {
        var entry = Entries.CrossControllerReset(impacted.ControllerId, impacted.InstanceUniquifier, impacted.InstanceRandomNumber);
        var completion = await SendAsync("Cross-Controller Reset", entry, cancellationToken).ConfigureAwait(false);
        return (completion.Dword0 & CrossControllerResetCommand.ImmediateResetSuccessful) != 0;
    }

    /// <summary>Opens an active namespace.</summary>
    /// <exception cref="InvalidOperationException">It is not active.</exception>
    /// <exception cref="NotSupportedException">Its format has metadata, or blocks this library does not support.</exception>
    public async Task<NvmeNamespace> OpenNamespaceAsync(uint namespaceId, CancellationToken cancellationToken = default)
    {
        var data = await IdentifyAsync(IdentifyCns.Namespace, namespaceId, 0, cancellationToken).ConfigureAwait(false);
        return NvmeNamespace.Create(this, namespaceId, data);
    }
}
