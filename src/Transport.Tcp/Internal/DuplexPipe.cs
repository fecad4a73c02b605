using System.IO.Pipelines;

namespace Nvmf.Transport.Tcp.Internal;

internal sealed class DuplexPipe(PipeReader input, PipeWriter output) : IDuplexPipe
{
    public PipeReader Input => input;

    public PipeWriter Output => output;
}
