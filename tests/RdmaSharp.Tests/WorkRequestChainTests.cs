namespace RdmaSharp.Tests;

public unsafe class WorkRequestChainTests
{
    [Fact]
    public void Requests_are_linked_in_their_order_with_their_entries()
    {
        using var chain = new SendChain(capacity: 3, entriesEach: 2);
        Assert.True(chain.First is null);
        for (int use = 0; use < 2; use++)
        {
            chain.Clear();
            ref SendWorkRequest write = ref chain.Add(7, SendOpcode.RdmaWrite);
            write.RemoteAddress = 0x1000;
            write.RemoteKey = 5;
            chain.AddEntry(new ScatterGatherEntry(1, 2, 3));
            chain.AddEntry(new ScatterGatherEntry(4, 5, 6));
            chain.Add(8, SendOpcode.Send, SendFlags.Signaled | SendFlags.Inline);
            chain.AddEntry(new ScatterGatherEntry(7, 8, 9));

            SendWorkRequest* first = chain.First;
            Assert.Equal(2, chain.Count);
            Assert.Equal(7ul, first->Id);
            Assert.Equal(2, first->EntryCount);
            Assert.Equal(4ul, first->Entries[1].Address);
            SendWorkRequest* second = first->Next;
            Assert.Equal(8ul, second->Id);
            Assert.Equal(SendFlags.Signaled | SendFlags.Inline, second->Flags);
            Assert.Equal(1, second->EntryCount);
            Assert.Equal(9u, second->Entries->LocalKey);
            Assert.True(second->Next is null);
            Assert.Equal(0u, second->RemoteKey);
        }
    }

    [Fact]
    public void A_full_chain_and_a_full_request_say_so()
    {
        using var chain = new ReceiveChain(capacity: 1);
        Assert.Throws<InvalidOperationException>(() => chain.AddEntry(default));
        chain.Add(1);
        chain.AddEntry(default);
        Assert.Throws<InvalidOperationException>(() => chain.AddEntry(default));
        Assert.Throws<InvalidOperationException>(() => chain.Add(2));
    }

    [Fact]
    public void A_freed_chain_is_refused()
    {
        var chain = new SendChain(1);
        chain.Dispose();
        chain.Dispose();
        Assert.True(chain.First is null);
        Assert.Throws<ObjectDisposedException>(() => chain.Add(1, SendOpcode.Send));
    }

    [Fact]
    public void Using_a_chain_allocates_nothing()
    {
        using var chain = new SendChain(capacity: 16);
        Fill(chain);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Fill(chain);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Fill(SendChain chain)
    {
        chain.Clear();
        for (ulong i = 0; i < 16; i++)
        {
            chain.Add(i, SendOpcode.Send);
            chain.AddEntry(new ScatterGatherEntry(1, 2, 3));
        }
    }
}
