namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>What Linux's soft iWARP (siw) needs besides.</summary>
/// <remarks>
/// Its library maps queues into the process, each at an offset that the kernel gives out per device context, from 0 up, the first gap that is large enough. The offset
/// 90000h, page 144, is the library's mark for "no offset": whatever begins there cannot be made, and fails without errno. So something that lies across this page is made
/// first, and kept.
/// </remarks>
internal static class SoftIwarp
{
    private const uint Vendor = 0x626D74;
    private const int Page = 4096;
    private const int UnusablePage = 144;
    private const int EntrySize = 32;

    /// <summary>Keeps the unusable page occupied; to be called before anything else is made in the context.</summary>
    /// <returns>What must live as long as the context is used; null when the device is another, or it cannot be done.</returns>
    public static RdmaSharp.CompletionQueue? OccupyUnusablePage(RdmaSharp.RdmaContext context, in RdmaSharp.DeviceAttributes device)
    {
        const int Entries = (UnusablePage + 1) * Page / EntrySize;
        if (device.VendorId != Vendor || device.MaxCompletionQueueEntries < Entries)
        {
            return null;
        }

        try
        {
            return new RdmaSharp.CompletionQueue(context, Entries);
        }
        catch (RdmaSharp.RdmaException)
        {
            // Others have made queues in this context before: what fails now fails with a message.
            return null;
        }
    }
}
