namespace Nvmf.Abstractions.Fabrics;

/// <summary>Special namespace identifiers and the limits of lists of them.</summary>
public static class NamespaceIdentifiers
{
    /// <summary>All namespaces of the controller.</summary>
    public const uint Broadcast = 0xFFFF_FFFF;

    /// <summary>Entries of a namespace list (CNS 02h and others, log page 04h): 4096 bytes, ascending, filled up with zeroes.</summary>
    public const int ListLength = 1024;

    /// <summary>First entry of the Changed Namespace List log page when more than 1024 namespaces changed.</summary>
    public const uint ChangedListOverflow = 0xFFFF_FFFF;
}
