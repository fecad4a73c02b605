using System.Globalization;
using System.Text;

namespace Nvmf.Interop.Lab;

/// <summary>
/// A writer in the guest that keeps a record: it writes numbered 4 KiB blocks round the first <see cref="Slots"/> blocks of a disk, flushes after each, and only
/// then notes "slot number" in a file on this machine. Whatever happens to the target, what is noted must be in the disk's file.
/// </summary>
internal sealed class FlushedWriter
{
    private const int Slots = 16;
    private const int BlockBytes = 4096;
    private const int SectorBytes = 512;

    private readonly Guest _guest;
    private readonly GuestStep _step;
    private readonly string _notes;

    private FlushedWriter(Guest guest, GuestStep step, string notes)
    {
        _guest = guest;
        _step = step;
        _notes = notes;
    }

    public static async Task<FlushedWriter> StartAsync(Guest guest, string device)
    {
        string name = $"flushed-{Guid.NewGuid():N}";
        GuestStep step = await guest.StartAsync(
            $"""
            n=0
            while [ ! -e /run/stop-{name} ]; do
              n=$((n + 1)); printf -v number '%016d' $n
              for _ in 1 2 3 4 5 6 7 8; do number+=$number; done
              echo -n "$number" | dd of={device} bs={BlockBytes} iflag=fullblock seek=$((n % {Slots})) oflag=direct conv=fsync,notrunc status=none || exit 1
              echo $n >>/ctl/{name}
            done
            """);
        return new FlushedWriter(guest, step, Path.Combine(guest.Folder, name));
    }

    public async Task MakesProgressAsync()
    {
        int before = Noted();
        await Eventually.TrueAsync(() => Noted() > before + Slots || !_step.IsRunning, Patience.Long, () => $"more than {before} flushed writes: {_step.Output}");
        Assert.True(_step.IsRunning, _step.Output);
    }

    /// <summary>Ends it after the write under way.</summary>
    /// <returns>The number of flushed writes.</returns>
    public async Task<int> StopAsync()
    {
        await _guest.RunAsync($"touch /run/stop-{Path.GetFileName(_notes)}");
        (await _step.WaitAsync(Patience.Usual)).Succeeded();
        return Noted();
    }

    /// <summary>Every sector holds the number that was noted last for its slot, or the one of the write under way.</summary>
    public async Task AssertAllIn(string diskFile)
    {
        int noted = Noted();
        byte[] disk = new byte[Slots * BlockBytes];
        await using (var stream = new FileStream(diskFile, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            await stream.ReadExactlyAsync(disk);
        }

        for (int sector = 0; sector < disk.Length / SectorBytes; sector++)
        {
            int slot = sector * SectorBytes / BlockBytes;
            int expected = noted - ((noted - slot) % Slots + Slots) % Slots;
            int underWay = noted + 1;
            string text = Encoding.ASCII.GetString(disk, sector * SectorBytes, SectorBytes);
            bool right = expected <= 0 || IsAll(text, expected) || (underWay % Slots == slot && IsAll(text, underWay));
            Assert.True(right, $"sector {sector}: write {expected} was flushed and acknowledged ({noted} noted), found: {text[..32]}");
        }
    }

    private static bool IsAll(string text, int number)
    {
        string one = number.ToString("D16", CultureInfo.InvariantCulture);
        return string.Concat(Enumerable.Repeat(one, text.Length / one.Length)) == text;
    }

    private int Noted()
    {
        if (!File.Exists(_notes))
        {
            return 0;
        }

        using var stream = new FileStream(_notes, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        string[] lines = reader.ReadToEnd().Split('\n');

        // The last piece is either empty or a line that is being written.
        return lines.Length < 2 ? 0 : int.Parse(lines[^2], CultureInfo.InvariantCulture);
    }
}
