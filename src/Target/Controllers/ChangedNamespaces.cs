using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Controllers;

/// <summary>Namespaces added, removed or changed since the host last read the Changed Namespace List. Any thread.</summary>
internal sealed class ChangedNamespaces
{
    private readonly Lock _lock = new();
    private readonly SortedSet<uint> _ids = [];

    public void Add(uint namespaceId)
    {
        lock (_lock)
        {
            _ids.Add(namespaceId);
        }
    }

    /// <summary>Writes the list and, unless it is to be kept, empties it.</summary>
    /// <param name="list">Room for 1024 identifiers, zeroed.</param>
    /// <param name="keep">Retain the list.</param>
    public void Read(Span<uint> list, bool keep)
    {
        lock (_lock)
        {
            if (_ids.Count > NamespaceIdentifiers.ListLength)
            {
                list[0] = NamespaceIdentifiers.ChangedListOverflow;
            }
            else
            {
                int index = 0;
                foreach (uint id in _ids)
                {
                    list[index++] = id;
                }
            }

            if (!keep)
            {
                _ids.Clear();
            }
        }
    }
}
