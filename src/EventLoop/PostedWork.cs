using System.Numerics;
using System.Runtime.CompilerServices;

namespace Nvmf.EventLoop;

/// <summary>
/// What other threads want of an object that lives on a loop: bits set by anybody, carried out on the loop, always in the order of the bits. So steps that come from
/// several threads, the stages of a teardown above all, cannot overtake each other.
/// </summary>
/// <typeparam name="TWork">Flags with an underlying <see cref="int"/>, the step that goes first in the lowest bit.</typeparam>
/// <param name="loop">The owner's loop.</param>
/// <param name="owner">Whoever asks knows that it is there until the step has run (invariant I4), by a reference or a registration.</param>
internal sealed class PostedWork<TWork>(EventLoopThread loop, IPostedWorkOwner<TWork> owner) : IThreadPoolWorkItem
    where TWork : struct, Enum
{
    private int _asked;

    /// <summary>Asks for a step. Any thread.</summary>
    public void Ask(TWork work)
    {
        // The first bit posts; those that are set before the loop gets to it go with it.
        if (Interlocked.Or(ref _asked, Unsafe.BitCast<TWork, int>(work)) == 0)
        {
            loop.Post(this);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (uint asked = (uint)Interlocked.Exchange(ref _asked, 0); asked != 0; asked &= asked - 1)
        {
            try
            {
                owner.Carry(Unsafe.BitCast<int, TWork>(1 << BitOperations.TrailingZeroCount(asked)));
            }
            catch (Exception exception)
            {
                owner.OnWorkFailed(exception);
            }
        }
    }
}
