namespace Nvmf.Hostile.Tests.Client;

/// <summary>Negative controls: makes a target's answers into what they must never be.</summary>
internal sealed class LyingWire(HostWire inner, string lie) : HostWire
{
    public override void Send(ReadOnlySpan<byte> bytes) => inner.Send(bytes);

    public override byte[]? ReceivePdu()
    {
        byte[]? pdu = inner.ReceivePdu();
        if (pdu is null)
        {
            return null;
        }

        bool isData = pdu[0] == 7, isTermination = pdu[0] == 3, isAnswer = pdu[0] == 5;
        switch (lie)
        {
            case "poison" when isData:
                new byte[] { 1, 0, 0, 0, 0xEF, 0xBE, 0xAD, 0xDE }.CopyTo(pdu, pdu.Length - 16);
                break;
            case "neighbour" when isData:
                World.NeighbourMark.CopyTo(pdu, pdu.Length - 64);
                break;
            case "no termination request" when isTermination:
                return null;
            case "other reason" when isTermination:
                pdu[8] ^= 7;
                break;
            case "other field" when isTermination:
                pdu[10] ^= 1;
                break;
            case "other header" when isTermination:
                pdu[24] ^= 0x80;
                break;
            case "success" when isAnswer:
                pdu[22] = pdu[23] = 0;
                break;
        }

        return pdu;
    }

    public override void End() => inner.End();

    public override void Dispose() => inner.Dispose();
}
