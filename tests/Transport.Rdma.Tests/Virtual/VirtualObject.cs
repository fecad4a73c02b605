namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <summary>What is the same of all objects: no call after Destroy.</summary>
internal sealed class VirtualObject(VirtualDevice device, object self, string kind)
{
    private bool _destroyed;

    public bool IsDestroyed => _destroyed;

    public void Use(string call)
    {
        if (_destroyed)
        {
            device.Fabric.Violate($"{call} on a destroyed {kind}");
        }
    }

    public void Destroy(string call)
    {
        Use(call);
        _destroyed = true;
        device.Live.Remove(self);
    }
}
