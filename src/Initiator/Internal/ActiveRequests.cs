namespace Nvmf.Initiator.Internal;

/// <summary>Every request the loop knows of, for deadlines and cancellation. Changes on the loop only; <see cref="Count"/> may be read anywhere.</summary>
internal struct ActiveRequests
{
    private NvmeRequest? _first;
    private int _count;

    public readonly NvmeRequest? First => _first;

    public int Count => Volatile.Read(ref _count);

    public void Add(NvmeRequest request)
    {
        request.PreviousActive = null;
        request.NextActive = _first;
        if (_first is not null)
        {
            _first.PreviousActive = request;
        }

        _first = request;
        Volatile.Write(ref _count, _count + 1);
    }

    public void Remove(NvmeRequest request)
    {
        if (request.PreviousActive is null)
        {
            _first = request.NextActive;
        }
        else
        {
            request.PreviousActive.NextActive = request.NextActive;
        }

        if (request.NextActive is not null)
        {
            request.NextActive.PreviousActive = request.PreviousActive;
        }

        request.PreviousActive = request.NextActive = null;
        Volatile.Write(ref _count, _count - 1);
    }
}
