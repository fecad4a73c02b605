using System.Security.Cryptography;
using Nvmf.Abstractions.Authentication;
using Nvmf.Target.Queues;

namespace Nvmf.Target.Authentication;

/// <summary>
/// One power, computed off the loop for a command that waits: of a new exchange, or of one whose other value has come. The command's slot brings the result back to the loop.
/// </summary>
internal sealed class KeyExchangeJob(CommandSlot slot, FiniteFieldGroup group, DhKeyExchange? exchange, byte[]? publicValue) : IThreadPoolWorkItem
{
    private const int Wanted = 0;
    private const int Done = 1;
    private const int Abandoned = 2;

    private int _state;

    /// <summary>The host's value has come; otherwise our own is to be made.</summary>
    public bool IsOfReply => publicValue != null;

    /// <summary>The exchange; null when it was not made.</summary>
    public DhKeyExchange? Exchange { get; private set; } = exchange;

    /// <summary>Null when the host's value cannot be used, or nothing was computed.</summary>
    public byte[]? SessionKey { get; private set; }

    /// <summary>Computes. Any thread.</summary>
    void IThreadPoolWorkItem.Execute()
    {
        // When nobody waits for the result any more, the host may have meant just that.
        if (Volatile.Read(ref _state) == Wanted)
        {
            Compute();
        }

        if (Interlocked.CompareExchange(ref _state, Done, Wanted) == Abandoned)
        {
            Forget();
        }

        slot.PostToLoop();
    }

    /// <summary>Nobody waits any more: nothing is computed, and what was computed is overwritten. Any thread.</summary>
    public void Abandon()
    {
        if (Interlocked.Exchange(ref _state, Abandoned) == Done)
        {
            Forget();
        }
    }

    private void Compute()
    {
        if (Exchange == null)
        {
            Exchange = new DhKeyExchange(group);
            return;
        }

        byte[] key = GC.AllocateUninitializedArray<byte>(group.Length, pinned: true);
        if (Exchange.TryDerive(publicValue, key))
        {
            SessionKey = key;
        }
    }

    private void Forget()
    {
        Exchange?.Dispose();
        CryptographicOperations.ZeroMemory(SessionKey);
    }
}
