using System.Runtime.InteropServices;

namespace Nvmf.Transport.Rdma;

/// <summary>Words for negative errnos.</summary>
internal static class ErrorText
{
    public static string Of(int negativeErrno) => Marshal.GetPInvokeErrorMessage(-negativeErrno);

    public static IOException Exception(string function, int negativeErrno) => new($"{function} failed: {Of(negativeErrno)}.", negativeErrno);
}
