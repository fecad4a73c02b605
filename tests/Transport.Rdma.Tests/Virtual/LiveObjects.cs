namespace Nvmf.Transport.Rdma.Tests.Virtual;

/// <summary>Objects that exist, for the question at the end of a test.</summary>
internal sealed class LiveObjects
{
    private readonly Lock _lock = new();
    private readonly HashSet<object> _objects = [];

    public void Add(object item)
    {
        lock (_lock)
        {
            _objects.Add(item);
        }
    }

    public void Remove(object item)
    {
        lock (_lock)
        {
            _objects.Remove(item);
        }
    }

    public string[] Names()
    {
        lock (_lock)
        {
            return [.. _objects.Select(static item => item.GetType().Name).Order()];
        }
    }
}
