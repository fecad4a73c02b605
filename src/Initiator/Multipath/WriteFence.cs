namespace Nvmf.Initiator.Multipath;

/// <summary>
/// Makes sure that a lost association changes the medium no more (invariant I10), before what it may have executed is executed again elsewhere.
/// </summary>
/// <remarks>
/// <code>
///  this side: every connection reset, every buffer proven off the wire (bounded by the drain deadlines)
///      └──► a live controller of the subsystem knows Cross-Controller Reset ──success──► fenced
///      └──► otherwise the lost controller's keep-alive timer expires, and its commands quiesce (QuiesceTime) ──► fenced
/// </code>
/// </remarks>
internal static class WriteFence
{
    public static async Task RaiseAsync(NvmeSubsystemConnection subsystem, Association lost)
    {
        var ended = await lost.Ended.ConfigureAwait(false);
        var asked = new HashSet<Association>();
        while (true)
        {
            var changed = subsystem.Changes.Next;
            if (await TryResetAsync(subsystem, lost, asked).ConfigureAwait(false))
            {
                subsystem.Log.Fenced(lost.Path.EndPoint, lost.Controller.ControllerId, "reset by another controller", subsystem.Time.GetElapsedTime(ended));
                return;
            }

            var left = lost.QuiesceTime - subsystem.Time.GetElapsedTime(ended);
            if (left <= TimeSpan.Zero)
            {
                subsystem.Log.Fenced(lost.Path.EndPoint, lost.Controller.ControllerId, "its keep-alive timer has expired", subsystem.Time.GetElapsedTime(ended));
                return;
            }

            // A path that comes (back) may bring a controller that can reset the lost one.
            await subsystem.WaitAsync(changed, left, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task<bool> TryResetAsync(NvmeSubsystemConnection subsystem, Association lost, HashSet<Association> asked)
    {
        // Without CIRN another association could have the identifier by now, and would be hit.
        if (lost.Controller.Identity.InstanceRandomNumber == 0)
        {
            return false;
        }

        foreach (var helper in subsystem.Live)
        {
            if (helper == lost || !helper.IsUsable || helper.Controller.Identity.CrossControllerResetLimit == 0 || !asked.Add(helper))
            {
                continue;
            }

            try
            {
                if (await helper.Controller.CrossControllerResetAsync(lost.Controller.Identity).ConfigureAwait(false))
                {
                    return true;
                }
            }
            catch (Exception e) when (e is IOException or TimeoutException)
            {
                subsystem.Log.ResetFailed(e, lost.Controller.ControllerId, helper.Path.EndPoint);
            }
        }

        return false;
    }
}
