namespace Nvmf.Transport.Rdma.Verbs;

/// <summary>From the library's results and exceptions to those of the seam: 0 or a negative errno.</summary>
internal static class VerbsResult
{
    /// <summary>
    /// A destruction waits for references that others hold for a moment: an event that another thread has not acknowledged yet, a call that is running.
    /// </summary>
    private static readonly TimeSpan DestroyTimeout = TimeSpan.FromSeconds(10);

    public static int Of(Action call)
    {
        try
        {
            call();
            return 0;
        }
        catch (RdmaSharp.RdmaException exception)
        {
            return -exception.ErrorNumber;
        }
    }

    public static int Of<T>(Func<T> call, out T? value) where T : class
    {
        try
        {
            value = call();
            return 0;
        }
        catch (RdmaSharp.RdmaException exception)
        {
            value = null;
            return -exception.ErrorNumber;
        }
    }

    public static int Destroy(RdmaSharp.RdmaHandle handle) => handle.Destroy(DestroyTimeout) switch
    {
        RdmaSharp.DestructionResult.Destroyed => 0,
        RdmaSharp.DestructionResult.Failed => -handle.DestructionError,
        _ => -RdmaSharp.Errno.EBUSY,
    };
}
