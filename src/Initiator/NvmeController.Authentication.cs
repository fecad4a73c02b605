using System.Security.Cryptography;
using Nvmf.Abstractions.Authentication;
using Nvmf.Abstractions.Lifecycle;
using Nvmf.Initiator.Authentication;

namespace Nvmf.Initiator;

public sealed partial class NvmeController
{
    private int _lastTransaction = RandomNumberGenerator.GetInt32(ushort.MaxValue);

    /// <summary>
    /// Authenticates again, on every queue, while commands go on: for hosts that want a fresh proof from time to time. Not needed to keep a connection. One call at a time.
    /// </summary>
    /// <exception cref="NvmeAuthenticationException">One side did not prove itself, or there is no <see cref="NvmeConnectOptions.HostSecret"/>; in the first case the association ends.</exception>
    /// <exception cref="NvmeException">The controller does not authenticate this host, or too many at this moment.</exception>
    /// <exception cref="TimeoutException">It took longer than <see cref="NvmeConnectOptions.AuthenticationTimeout"/>; the association ends.</exception>
    public async Task ReauthenticateAsync(CancellationToken cancellationToken = default)
    {
        foreach (var queue in (NvmeQueue[])[AdminQueue, .. _ioQueues])
        {
            try
            {
                await AuthenticateAsync(queue, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is TimeoutException or NvmeAuthenticationException { Reason: not DhChapFailureReason.None })
            {
                CloseAll(TeardownCause.AuthenticationFailed, e);
                throw;
            }
        }
    }

    private async Task AuthenticateAsync(NvmeQueue queue, CancellationToken cancellationToken)
    {
        if (Options.HostSecret is null)
        {
            throw new NvmeAuthenticationException(
                $"Subsystem {Options.SubsystemNqn} requires authentication, and no secret was given for host {Options.EffectiveHostNqn}.", DhChapFailureReason.None);
        }

        var exchange = RunExchangeAsync(queue, cancellationToken);
        try
        {
            await exchange.WaitAsync(Options.AuthenticationTimeout, _timeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException) when (!exchange.IsCompleted)
        {
            Forget(exchange);
            throw new TimeoutException($"Authentication to subsystem {Options.SubsystemNqn} took longer than {Options.AuthenticationTimeout.TotalSeconds:0.#} s.");
        }
        catch (OperationCanceledException)
        {
            Forget(exchange);
            throw;
        }
    }

    private async Task RunExchangeAsync(NvmeQueue queue, CancellationToken cancellationToken)
    {
        using var exchange = new AuthenticationExchange(
            new QueueAuthenticationWire(this, queue), Options, (ushort)Interlocked.Increment(ref _lastTransaction));
        await exchange.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>It ends with its queue, and nobody asks how.</summary>
    private static void Forget(Task task) =>
        task.ContinueWith(static ended => _ = ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
