namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>The DGST byte of ICReq and ICResp.</summary>
[Flags]
internal enum DigestFlags : byte
{
    None = 0,
    Header = 1,
    Data = 2,
    All = Header | Data,
}
