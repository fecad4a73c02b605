namespace Nvmf.Samples;

/// <summary>What the process ends with.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int WrongOption = 2;

    /// <summary>128 + SIGINT, as shells expect.</summary>
    public const int Interrupted = 130;
}
