using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Nvmf.Hosting.Disks;

/// <summary>
/// A disk on one line, as configuration files and command lines give it: <c>mem:SIZE</c>, <c>file:PATH[,size=SIZE]</c> or <c>null:SIZE</c>,
/// each with <c>,block=512|4096</c>, <c>,readonly</c>, <c>,delay=MILLISECONDSms</c> and <c>,reservations=PATH</c> where wanted. A comma in a path is written twice.
/// </summary>
/// <param name="Kind">Where the blocks are.</param>
/// <param name="SizeInBytes">Size; null takes a file's present size.</param>
/// <param name="Path">The file; null for other kinds.</param>
/// <param name="BlockSize">Logical block size in bytes, 512 or 4096.</param>
/// <param name="ReadOnly">Refuse writes.</param>
/// <param name="Delay">Time added to each request: a slow disk for tests.</param>
public sealed record DiskSpecification(DiskKind Kind, long? SizeInBytes, string? Path, int BlockSize, bool ReadOnly, TimeSpan Delay)
{
    /// <summary>File in which reservations outlive the target when hosts want that; null: they end with it. See <see cref="Target.NamespaceOptions.ReservationFile"/>.</summary>
    public string? ReservationFile { get; init; }

    /// <summary>Parses a specification.</summary>
    /// <exception cref="FormatException">The message says in one sentence what is wrong.</exception>
    public static DiskSpecification Parse(string text) =>
        TryParse(text, out DiskSpecification? disk, out string? error) ? disk : throw new FormatException(error);

    /// <summary>Parses a specification.</summary>
    /// <param name="text">For example <c>file:/srv/disk.img,size=10GiB</c>.</param>
    /// <param name="disk">The disk, when true is returned.</param>
    /// <param name="error">Otherwise one sentence that says what is wrong.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out DiskSpecification? disk, [NotNullWhen(false)] out string? error)
    {
        error = DiskSpecificationParser.Parse(text, out disk);
        return error is null;
    }

    /// <summary>The shortest form that <see cref="Parse"/> reads back.</summary>
    public override string ToString()
    {
        string text = Kind switch
        {
            DiskKind.Memory => $"mem:{ByteSize.Format(SizeInBytes.GetValueOrDefault())}",
            DiskKind.Null => $"null:{ByteSize.Format(SizeInBytes.GetValueOrDefault())}",
            _ => $"file:{Escape(Path!)}" + (SizeInBytes is { } size ? $",size={ByteSize.Format(size)}" : ""),
        };
        text += BlockSize == DiskSpecificationParser.DefaultBlockSize ? "" : string.Create(CultureInfo.InvariantCulture, $",block={BlockSize}");
        text += ReadOnly ? ",readonly" : "";
        text += ReservationFile is null ? "" : $",reservations={Escape(ReservationFile)}";
        return text + (Delay == TimeSpan.Zero ? "" : string.Create(CultureInfo.InvariantCulture, $",delay={(long)Delay.TotalMilliseconds}ms"));
    }

    private static string Escape(string path) => path.Replace(",", ",,", StringComparison.Ordinal);
}
