using Nvmf.EventLoop.Native;
using Nvmf.Transport.Tcp.Internal;
using Nvmf.Transport.Tcp.Tests.Connections;

namespace Nvmf.Transport.Tcp.Tests.VirtualKernel;

/// <summary>Negative controls: a socket that has the connection make the mistakes the invariants are there for.</summary>
internal abstract unsafe class LyingSocket(KernelModel kernel, TcpSocket inner) : DecoratedTcpSocket(inner)
{
    protected KernelModel Kernel { get; } = kernel;

    public static TcpSocket Create(string lie, KernelModel kernel, TcpSocket inner) => lie switch
    {
        nameof(NotifiesEarly) => new NotifiesEarly(kernel, inner),
        nameof(TakesDisconnectForProof) => new TakesDisconnectForProof(kernel, inner),
        nameof(TakesZeroCopyForCopy) => new TakesZeroCopyForCopy(kernel, inner),
        nameof(CountsFromOneTooFar) => new CountsFromOneTooFar(kernel, inner),
        nameof(ReportsOneMore) => new ReportsOneMore(kernel, inner),
        nameof(SendsTwice) => new SendsTwice(kernel, inner),
        nameof(ClosesTwice) => new ClosesTwice(kernel, inner),
        _ => throw new ArgumentOutOfRangeException(nameof(lie)),
    };

    /// <summary>"Sent" is taken for "free": the bug of failure F1.</summary>
    public sealed class NotifiesEarly(KernelModel kernel, TcpSocket inner) : LyingSocket(kernel, inner)
    {
        public override int ReceiveNotification(out ZeroCopyNotification notification)
        {
            if (Kernel.Sends.Find(send => send is { Index: not null, IsNotified: false }) is not { } send)
            {
                return base.ReceiveNotification(out notification);
            }

            send.IsNotified = send.IsReported = true;
            notification = new ZeroCopyNotification(send.Index!.Value, send.Index.Value, WasCopied: false);
            return 1;
        }
    }

    /// <summary>A naive end: once the socket is dissolved, everything counts as free.</summary>
    public sealed class TakesDisconnectForProof(KernelModel kernel, TcpSocket inner) : LyingSocket(kernel, inner)
    {
        public override int Disconnect()
        {
            int result = base.Disconnect();
            foreach (KernelSend send in Kernel.Sends.Where(send => send is { Index: not null, IsNotified: false }))
            {
                send.IsNotified = true;
                Kernel.Report(send.Index!.Value, send.Index.Value, wasCopied: false);
            }

            return result;
        }
    }

    /// <summary>The flag is set on a send that the connection believes to be copied.</summary>
    public sealed class TakesZeroCopyForCopy(KernelModel kernel, TcpSocket inner) : LyingSocket(kernel, inner)
    {
        public override nint Send(IoVector* vectors, int count, bool zeroCopy) => base.Send(vectors, count, zeroCopy: true);
    }

    /// <summary>A ledger that is one index ahead of the kernel.</summary>
    public sealed class CountsFromOneTooFar(KernelModel kernel, TcpSocket inner) : LyingSocket(kernel, inner)
    {
        public override uint FirstZeroCopyIndex => base.FirstZeroCopyIndex + 1;
    }

    /// <summary>The upper end of a range is taken for one further than it is.</summary>
    public sealed class ReportsOneMore(KernelModel kernel, TcpSocket inner) : LyingSocket(kernel, inner)
    {
        public override int ReceiveNotification(out ZeroCopyNotification notification)
        {
            int result = base.ReceiveNotification(out notification);
            notification = notification with { High = notification.High + 1 };
            return result;
        }
    }

    /// <summary>Part of what was copied is sent again.</summary>
    public sealed class SendsTwice(KernelModel kernel, TcpSocket inner) : LyingSocket(kernel, inner)
    {
        public override nint Send(IoVector* vectors, int count, bool zeroCopy)
        {
            nint sent = base.Send(vectors, count, zeroCopy);
            return sent > 1 && !zeroCopy ? sent - 1 : sent;
        }
    }

    /// <summary>The descriptor is closed, and used once more.</summary>
    public sealed class ClosesTwice(KernelModel kernel, TcpSocket inner) : LyingSocket(kernel, inner)
    {
        public override void Close()
        {
            base.Close();
            base.Close();
        }
    }
}
