namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>PDU types (NVMe/TCP, PDU-Type field). Even types travel to the controller, odd ones to the host.</summary>
internal enum PduType : byte
{
    ICReq = 0x00,
    ICResp = 0x01,
    H2CTermReq = 0x02,
    C2HTermReq = 0x03,
    CapsuleCmd = 0x04,
    CapsuleResp = 0x05,
    H2CData = 0x06,
    C2HData = 0x07,
    R2T = 0x09,
}
