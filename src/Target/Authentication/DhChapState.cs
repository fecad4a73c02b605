namespace Nvmf.Target.Authentication;

/// <summary>Where an exchange stands: whose turn it is, and with what.</summary>
internal enum DhChapState
{
    /// <summary>The host: AUTH_Negotiate.</summary>
    Idle,

    /// <summary>This side: a power is being computed.</summary>
    Computing,

    /// <summary>The host: fetch the challenge.</summary>
    ChallengeReady,

    /// <summary>The host: reply.</summary>
    Challenged,

    /// <summary>The host: fetch AUTH_Success1.</summary>
    Success1Ready,

    /// <summary>The host: AUTH_Success2, or AUTH_Failure2.</summary>
    AwaitingSuccess2,

    /// <summary>The host: fetch AUTH_Failure1.</summary>
    FailureReady,

    /// <summary>The connection is ending.</summary>
    Failed,
}
