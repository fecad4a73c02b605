using System.Runtime.InteropServices;

namespace Nvmf.Target.Namespaces.Internal;

/// <summary>
/// A write beyond the limit on the size of files (ulimit -f) is a signal that ends the process, unless somebody handles it: then the write fails with EFBIG. No
/// host may end a target by writing.
/// </summary>
internal static class FileSizeSignal
{
    private const PosixSignal FileSizeExceeded = (PosixSignal)25;

    private static readonly PosixSignalRegistration Registration =
        PosixSignalRegistration.Create(FileSizeExceeded, static context => context.Cancel = true);

    public static void TurnIntoError() => GC.KeepAlive(Registration);
}
