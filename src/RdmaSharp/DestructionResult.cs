namespace RdmaSharp;

/// <summary>What has become of a native object after its handle was disposed of.</summary>
public enum DestructionResult
{
    /// <summary>It exists: something refers to it. It is destroyed when the last reference goes.</summary>
    Deferred,

    /// <summary>It is gone; the adapter touches nothing on its behalf any more.</summary>
    Destroyed,

    /// <summary>The library refused to destroy it. It and what it was made from are kept until the process ends.</summary>
    Failed,
}
