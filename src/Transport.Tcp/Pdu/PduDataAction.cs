namespace Nvmf.Transport.Tcp.Pdu;

/// <summary>What to do with the data of a PDU.</summary>
internal enum PduDataAction
{
    /// <summary>Put it into the destination. Also the answer for a PDU without data.</summary>
    Store,

    /// <summary>The sink keeps it where it was received, in the destination.</summary>
    Keep,

    /// <summary>Read over it; the sink is done with the PDU.</summary>
    Skip,

    /// <summary>Nothing was accepted and receiving is paused: the PDU will be offered again.</summary>
    Wait,
}
