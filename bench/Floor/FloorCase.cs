namespace Nvmf.Bench.Floor;

/// <summary>One row of the table.</summary>
internal sealed record FloorCase(string Name, bool IsWrite, int Size, int Depth, FloorDisk Disk)
{
    public static IReadOnlyList<FloorCase> All { get; } = Create();

    private static FloorCase[] Create()
    {
        (string Name, bool IsWrite, int Size, int Depth)[] shapes =
        [
            ("4 KiB random read, depth 1", false, 4 << 10, 1),
            ("4 KiB random read, depth 32", false, 4 << 10, 32),
            ("4 KiB random read, depth 128", false, 4 << 10, 128),
            ("4 KiB random write, depth 32", true, 4 << 10, 32),
            ("128 KiB random read, depth 32", false, 128 << 10, 32),
            ("128 KiB random write, depth 32", true, 128 << 10, 32),
        ];
        return
        [
            .. from shape in shapes
               from disk in new[] { FloorDisk.Memory, FloorDisk.Null }
               select new FloorCase($"{shape.Name}, {disk.ToString().ToLowerInvariant()} disk", shape.IsWrite, shape.Size, shape.Depth, disk),
        ];
    }
}
