using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Nvmf.Transport.Rdma.Adapter;

namespace Nvmf.Transport.Rdma.Tests.Adapter;

public class WorkRequestElementTests
{
    [Fact]
    public void An_element_is_laid_out_like_ibv_sge()
    {
        Assert.Equal(16, Unsafe.SizeOf<WorkRequestElement>());
        Assert.Equal(0, Marshal.OffsetOf<WorkRequestElement>(nameof(WorkRequestElement.Address)));
        Assert.Equal(8, Marshal.OffsetOf<WorkRequestElement>(nameof(WorkRequestElement.Length)));
        Assert.Equal(12, Marshal.OffsetOf<WorkRequestElement>(nameof(WorkRequestElement.LocalKey)));
    }
}
