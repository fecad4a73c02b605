namespace Nvmf.Abstractions.Fabrics;

/// <summary>SEL of Get Features: which value is asked for (NVMe Base, Get Features command).</summary>
public enum FeatureSelect : byte
{
    /// <summary>The current value.</summary>
    Current = 0,

    /// <summary>The default value.</summary>
    Default = 1,

    /// <summary>The saved value.</summary>
    Saved = 2,

    /// <summary>Which of saveable (bit 0), namespace specific (bit 1), changeable (bit 2) the feature is.</summary>
    SupportedCapabilities = 3,
}
