namespace Nvmf.Abstractions.Lifecycle;

/// <summary>What <see cref="QueuePairWord.Next"/> decides.</summary>
/// <param name="Accepted">False: the word stays as it is.</param>
/// <param name="Word">The new word.</param>
/// <param name="Callback">What whoever swaps the word in has to call, and then to report by <see cref="LifecycleOperation.StageReturned"/>.</param>
internal readonly record struct LifecycleTransition(bool Accepted, QueuePairWord Word, StageCallback Callback);
