using Nvmf.Abstractions.Fabrics;

namespace Nvmf.Target.Admin.Features;

/// <summary>One feature: what Get Features and Set Features do with it. Stateless; values live in <see cref="Controllers.ControllerFeatures"/>.</summary>
internal abstract class Feature
{
    public abstract FeatureIdentifier Identifier { get; }

    /// <summary>Discovery controllers have it too.</summary>
    public virtual bool OnDiscovery => false;

    /// <summary>Set Features may change it.</summary>
    public virtual bool IsChangeable => true;

    /// <summary>Each namespace has its own value.</summary>
    public virtual bool IsNamespaceSpecific => false;

    /// <summary>Bytes of data that come with it, 0 for none.</summary>
    public virtual int DataLength => 0;

    /// <summary>After this change every back end is flushed before the command completes.</summary>
    public virtual bool NeedsFlush(in FeatureRequest request) => false;

    /// <summary>Begins a change that takes its time, in place of <see cref="Set"/>. Null for a feature that is changed at once. The task never faults.</summary>
    public virtual Task<NvmeStatus>? StartSet(in FeatureRequest request) => null;

    /// <summary>The current value. Dword 11 may select among several.</summary>
    public abstract NvmeStatus Get(in FeatureRequest request, Span<byte> data, out uint value);

    /// <summary>The default value; also the saved one, since nothing is saveable.</summary>
    public abstract NvmeStatus GetDefault(in FeatureRequest request, Span<byte> data, out uint value);

    /// <summary>Changes the value. <paramref name="result"/> goes into the completion.</summary>
    public virtual NvmeStatus Set(in FeatureRequest request, ReadOnlySpan<byte> data, out uint result)
    {
        result = 0;
        return NvmeStatus.FeatureNotChangeable;
    }
}
