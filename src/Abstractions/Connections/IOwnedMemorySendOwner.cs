namespace Nvmf.Abstractions.Connections;

/// <summary>Wants to know when the kernel no longer references a lease it appended.</summary>
public interface IOwnedMemorySendOwner
{
    /// <summary>The bytes are proven off the wire (or quarantined, when <paramref name="proven"/> is false). On the connection's loop. Must not throw: other owners come after it.</summary>
    void OnSent(bool proven);
}
