using RdmaSharp.Native;

namespace RdmaSharp;

public sealed unsafe partial class RdmaId
{
    private const int LevelId = 0;
    private const int TypeOfServiceOption = 0;
    private const int ReuseAddressOption = 1;
    private const int OnlyOneFamilyOption = 2;
    private const int AcknowledgeTimeoutOption = 3;

    /// <summary>Lets a port be bound again while old connections of it linger (RDMA_OPTION_ID_REUSEADDR). Before <see cref="Bind"/>.</summary>
    /// <exception cref="RdmaException">Not in this state.</exception>
    public void SetReuseAddress(bool on) => SetOption(ReuseAddressOption, on ? 1 : 0);

    /// <summary>Lets an IPv6 wildcard take IPv6 only (RDMA_OPTION_ID_AFONLY). Before <see cref="Bind"/>.</summary>
    /// <exception cref="RdmaException">Not in this state.</exception>
    public void SetOnlyOneFamily(bool on) => SetOption(OnlyOneFamilyOption, on ? 1 : 0);

    /// <summary>Sets the type of service of the packets, RFC 2474 (RDMA_OPTION_ID_TOS).</summary>
    /// <exception cref="RdmaException">Not in this state.</exception>
    public void SetTypeOfService(byte value) => SetOption(TypeOfServiceOption, value);

    /// <summary>Sets the time to wait for an acknowledgement: 4.096 µs · 2^value, 0 to 31 (RDMA_OPTION_ID_ACK_TIMEOUT).</summary>
    /// <exception cref="RdmaException">Not in this state, or the kernel is too old.</exception>
    public void SetAcknowledgeTimeout(byte value) => SetOption(AcknowledgeTimeoutOption, value);

    private void SetOption<T>(int option, T value) where T : unmanaged =>
        Check("rdma_set_option", ConnectionMethods.SetOption(this, LevelId, option, &value, (nuint)sizeof(T)));
}
