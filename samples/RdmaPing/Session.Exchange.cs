using RdmaSharp;

namespace RdmaPing;

internal sealed partial class Session
{
    public void PingPong(int rounds)
    {
        long right = 0;
        for (int round = 0; round < rounds; round++)
        {
            if (Pass(Client, Server, (byte)(round * 2)) && Pass(Server, Client, (byte)((round * 2) + 1)))
            {
                right++;
            }
        }

        _report.Equal("rounds", right, rounds);
        _report.True("completion events", _completionEvents > 0);
    }

    public void WriteAndRead()
    {
        for (int i = 0; i < End.BlockLength; i++)
        {
            Client.Block[i] = (byte)(i * 7);
        }

        Client.Transfer(SendOpcode.RdmaWrite, _serverOffer);
        UntilClientSent("the write");
        // The write's completion does not say that it has arrived; a message behind it does.
        Pass(Client, Server, 0x55);
        _report.True("written", Server.Block.SequenceEqual(Client.Block));

        Server.Block.Reverse();
        Client.Transfer(SendOpcode.RdmaRead, _serverOffer);
        UntilClientSent("the read");
        _report.True("read", Client.Sink.SequenceEqual(Server.Block));
    }

    /// <summary>Four messages by one post, with one completion.</summary>
    public void PostChain()
    {
        Client.SendChained(0x77, 4);
        Until("four messages", () => Server.Messages.Count == 4);
        UntilClientSent("the chain");
        int right = 0;
        while (Server.Messages.TryDequeue(out int slot))
        {
            right += Server.Message(slot).IndexOfAnyExcept((byte)0x77) < 0 ? 1 : 0;
            Server.PostReceive((ulong)slot);
        }

        _report.Equal("chained messages", right, 4);
    }

    /// <summary>All of them: the completion of an earlier message may come after the message has.</summary>
    private void UntilClientSent(string what) => Until(what, () => Client.SendsCompleted == Client.SendsPosted);

    private bool Pass(End from, End to, byte content)
    {
        from.Send(content);
        Until("a message", () => to.Messages.Count > 0);
        int slot = to.Messages.Dequeue();
        bool right = to.Message(slot).IndexOfAnyExcept(content) < 0;
        to.PostReceive((ulong)slot);
        return right;
    }
}
