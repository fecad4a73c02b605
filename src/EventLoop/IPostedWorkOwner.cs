namespace Nvmf.EventLoop;

/// <summary>Carries out what <see cref="PostedWork{TWork}"/> was asked for. On the loop.</summary>
internal interface IPostedWorkOwner<in TWork>
    where TWork : struct, Enum
{
    /// <summary>One step: the bit that was asked for, however often. May come when it means nothing any more.</summary>
    void Carry(TWork work);

    /// <summary><see cref="Carry"/> threw, and nobody else is told. Must not throw; the steps behind it have their turn.</summary>
    void OnWorkFailed(Exception exception);
}
