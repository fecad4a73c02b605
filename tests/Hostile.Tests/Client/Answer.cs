namespace Nvmf.Hostile.Tests.Client;

/// <summary>A completion with the data that came before it.</summary>
internal sealed record Answer(ushort CommandId, ushort Status, ulong Result, byte[] Data)
{
    /// <summary>SCT and SC.</summary>
    public int Code => Status & 0x7FF;
}
