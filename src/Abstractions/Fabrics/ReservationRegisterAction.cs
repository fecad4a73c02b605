namespace Nvmf.Abstractions.Fabrics;

/// <summary>What a Reservation Register command does (RREGA).</summary>
public enum ReservationRegisterAction : byte
{
    /// <summary>Registers a key.</summary>
    Register = 0,

    /// <summary>Gives the key up, and with it a reservation that no other host holds.</summary>
    Unregister = 1,

    /// <summary>Puts another key in the place of the present one.</summary>
    Replace = 2,
}
