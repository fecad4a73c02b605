namespace Nvmf.Target;

/// <summary>Referrals: other discovery controllers that the discovery log tells hosts about.</summary>
public sealed partial class NvmeTarget
{
    private const int MaxReferrals = 256;

    private readonly List<TargetReferral> _referrals = [];

    /// <summary>The referrals, in the order they were added.</summary>
    public IReadOnlyCollection<TargetReferral> Referrals
    {
        get
        {
            lock (_lock)
            {
                return [.. _referrals];
            }
        }
    }

    /// <summary>Adds a referral; at most 256. Discovery controllers are told (AEN). Nothing is connected: whether somebody is there is the host's to find out.</summary>
    /// <returns>False when there is an equal one already.</returns>
    /// <exception cref="ArgumentException">A value is out of range; the message names it.</exception>
    /// <exception cref="InvalidOperationException">There are 256 already.</exception>
    /// <exception cref="ObjectDisposedException">The target was disposed.</exception>
    public bool AddReferral(TargetReferral referral)
    {
        ArgumentNullException.ThrowIfNull(referral);
        referral.Check();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_referrals.Contains(referral))
            {
                return false;
            }

            if (_referrals.Count == MaxReferrals)
            {
                throw new InvalidOperationException($"There are {MaxReferrals} referrals already.");
            }

            _referrals.Add(referral);
        }

        Discovery.OnChanged();
        return true;
    }

    /// <summary>Removes a referral. Discovery controllers are told (AEN).</summary>
    /// <returns>False when there is no equal one.</returns>
    public bool RemoveReferral(TargetReferral referral)
    {
        ArgumentNullException.ThrowIfNull(referral);
        lock (_lock)
        {
            if (!_referrals.Remove(referral))
            {
                return false;
            }
        }

        Discovery.OnChanged();
        return true;
    }
}
