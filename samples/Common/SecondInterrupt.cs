using System.Runtime.InteropServices;

namespace Nvmf.Samples;

/// <summary>The first Ctrl-C drains, which is the host's work; the second ends the process.</summary>
internal static class SecondInterrupt
{
    public static PosixSignalRegistration Watch(EventLogProvider events)
    {
        int interrupts = 0;
        return PosixSignalRegistration.Create(PosixSignal.SIGINT, _ =>
        {
            if (Interlocked.Increment(ref interrupts) > 1)
            {
                Environment.Exit(ExitCodes.Interrupted);
            }

            events.Print($"Draining. Ctrl-C again exits at once.{Environment.NewLine}");
        });
    }
}
