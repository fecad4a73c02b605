using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Tests.Reservations;

/// <summary>Reservations of one namespace as the text of NVMe Base 2.2 describes them, sentence by sentence; hosts are numbers.</summary>
internal sealed class ReservationModel
{
    public Dictionary<int, ulong> Keys { get; } = [];

    public HashSet<int> Holders { get; private set; } = [];

    public int Type { get; private set; }

    public uint Generation { get; private set; }

    /// <summary>What each host has not read yet.</summary>
    public Dictionary<int, Queue<int>> Notices { get; } = [];

    public NvmeStatus Register(int host, int action, bool ignore, ulong current, ulong next)
    {
        bool matches = Keys.TryGetValue(host, out ulong key) && key == current;
        switch (action)
        {
            case 0 when Keys.ContainsKey(host) && Keys[host] != next:
                return NvmeStatus.ReservationConflict;
            case 1 or 2 when !ignore && !matches:
                return NvmeStatus.ReservationConflict;
            case 1:
                int type = Type;
                Unregister([host]);
                if (type is 3 or 4 && Type == 0)
                {
                    Notify(Keys.Keys, 2, host);
                }

                break;
            case 0 or 2:
                Keys[host] = next;
                if (Type is 5 or 6)
                {
                    Holders.Add(host);
                }

                break;
            default:
                return NvmeStatus.InvalidField;
        }

        Generation++;
        return NvmeStatus.Success;
    }

    public NvmeStatus Acquire(int host, int action, int type, ulong current, ulong preempt)
    {
        if (!Keys.TryGetValue(host, out ulong key) || key != current)
        {
            return NvmeStatus.ReservationConflict;
        }

        if (action == 0)
        {
            if (Type != 0)
            {
                return Holders.Contains(host) && Type == type ? NvmeStatus.Success : NvmeStatus.ReservationConflict;
            }

            Hold(host, type);
            return NvmeStatus.Success;
        }

        int[] named = [.. Keys.Where(pair => pair.Value == preempt).Select(pair => pair.Key)];
        int before = Type;
        if (Type is 0)
        {
            Preempt(named, host);
        }
        else if (Type is 5 or 6)
        {
            if (preempt == 0)
            {
                Preempt([.. Keys.Keys.Where(other => other != host)], host);
                Hold(host, type);
            }
            else if (named.Length == 0)
            {
                return NvmeStatus.ReservationConflict;
            }
            else
            {
                Preempt(named, host);
            }
        }
        else if (Keys[Holders.Single()] == preempt)
        {
            Preempt([.. named.Where(other => other != host)], host);
            Hold(host, type);
        }
        else if (preempt == 0)
        {
            return NvmeStatus.InvalidField;
        }
        else
        {
            Preempt(named, host);
        }

        if (before != 0 && Type != before)
        {
            Notify(Keys.Keys, 2, host);
        }

        Generation++;
        return NvmeStatus.Success;
    }

    public NvmeStatus Release(int host, int action, int type, ulong current)
    {
        if (!Keys.TryGetValue(host, out ulong key) || key != current)
        {
            return NvmeStatus.ReservationConflict;
        }

        if (action == 1)
        {
            Notify(Keys.Keys, 3, host);
            Unregister([.. Keys.Keys]);
            Generation++;
            return NvmeStatus.Success;
        }

        if (Type == 0 || !Holders.Contains(host))
        {
            return NvmeStatus.Success;
        }

        if (Type != type)
        {
            return NvmeStatus.InvalidField;
        }

        if (Type is not (1 or 2))
        {
            Notify(Keys.Keys, 2, host);
        }

        (Type, Holders) = (0, []);
        return NvmeStatus.Success;
    }

    /// <summary>Figure 646.</summary>
    public bool Allows(int host, bool write) => Type switch
    {
        0 => true,
        1 => !write || Holders.Contains(host),
        2 => Holders.Contains(host),
        3 or 5 => !write || Keys.ContainsKey(host),
        _ => Keys.ContainsKey(host),
    };

    private void Hold(int host, int type)
    {
        Type = type;
        Holders = type is 5 or 6 ? [.. Keys.Keys] : [host];
    }

    private void Preempt(int[] hosts, int by)
    {
        Notify(hosts, 1, by);
        Unregister(hosts);
    }

    private void Unregister(int[] hosts)
    {
        foreach (int host in hosts)
        {
            Keys.Remove(host);
            Holders.Remove(host);
        }

        Type = Holders.Count == 0 ? 0 : Type;
    }

    private void Notify(IEnumerable<int> hosts, int type, int except)
    {
        foreach (int host in hosts.Where(host => host != except))
        {
            Notices[host].Enqueue(type);
        }
    }
}
