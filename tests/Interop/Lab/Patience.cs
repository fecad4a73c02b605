namespace Nvmf.Interop.Lab;

/// <summary>How long to wait for what should happen soon. Emulation on a machine that does other things, too, can be ten times slower than usual.</summary>
internal static class Patience
{
    /// <summary>For one thing that takes a second.</summary>
    public static TimeSpan Usual { get; } = TimeSpan.FromSeconds(60);

    /// <summary>For a recovery, a round of fio, a drain.</summary>
    public static TimeSpan Long { get; } = TimeSpan.FromSeconds(120);
}
