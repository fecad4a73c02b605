namespace Nvmf.Transport.Tcp.QueuePairs;

/// <summary>TTAG: slot and generation of the slot's transfer, so that a tag of an earlier transfer is not taken for the present one (invariant I7).</summary>
internal static class TransferTag
{
    private const int SlotBits = 12;

    public const int MaxSlots = 1 << SlotBits;

    public static ushort Of(int slot, int generation) => (ushort)((generation << SlotBits) | slot);

    public static int Slot(ushort tag) => tag & (MaxSlots - 1);
}
