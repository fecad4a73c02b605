using System.Security.Cryptography;

namespace Nvmf.Abstractions.Authentication;

/// <summary>Sequence numbers of challenges: begin at random, never zero, none twice in a process before all were used. Any thread.</summary>
internal static class DhChapSequence
{
    private static uint _last = (uint)RandomNumberGenerator.GetInt32(int.MaxValue);

    public static uint Next()
    {
        while (true)
        {
            if (Interlocked.Increment(ref _last) is not 0 and var next)
            {
                return next;
            }
        }
    }
}
