namespace Nvmf.Abstractions.Fabrics;

/// <summary>FCTYPE: byte 4 of a submission queue entry with opcode 7Fh (NVMe Base, Fabrics Command Set).</summary>
public enum FabricsCommandType : byte
{
    /// <summary>Property Set.</summary>
    PropertySet = 0x00,

    /// <summary>Connect.</summary>
    Connect = 0x01,

    /// <summary>Property Get.</summary>
    PropertyGet = 0x04,

    /// <summary>Authentication Send.</summary>
    AuthenticationSend = 0x05,

    /// <summary>Authentication Receive.</summary>
    AuthenticationReceive = 0x06,

    /// <summary>Disconnect (of an I/O queue).</summary>
    Disconnect = 0x08,
}
