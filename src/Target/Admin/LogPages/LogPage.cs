using Nvmf.Abstractions.Fabrics;
using Nvmf.Target.Controllers;

namespace Nvmf.Target.Admin.LogPages;

/// <summary>One log page. Stateless; on the admin queue's loop, a slow path that may allocate.</summary>
internal abstract class LogPage
{
    public abstract LogPageIdentifier Identifier { get; }

    /// <summary>Events that reading this page clears.</summary>
    public virtual AsynchronousEvents Events => AsynchronousEvents.None;

    /// <summary>The controller has this page. By default every I/O controller has.</summary>
    public virtual bool IsAvailable(Controller controller) => !controller.IsDiscovery;

    /// <summary>The parameters that belong to this page alone make sense.</summary>
    public virtual bool Accepts(ref readonly GetLogPageCommand command) => true;

    /// <summary>The whole page at this moment.</summary>
    /// <param name="controller">Whose page.</param>
    /// <param name="command">For parameters of this page.</param>
    /// <param name="keep">The host retains the event: nothing may be cleared.</param>
    public abstract ReadOnlyMemory<byte> Read(Controller controller, ref readonly GetLogPageCommand command, bool keep);
}
