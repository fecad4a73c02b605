using Nvmf.Hostile.Tests.Client;

namespace Nvmf.Hostile.Tests.Injuries;

/// <summary>One thing that is wrong in an otherwise good session.</summary>
/// <param name="Name">For messages.</param>
/// <param name="Stages">Where it can be done.</param>
/// <param name="Inflict">Does it, and says what must follow.</param>
internal sealed record Injury(string Name, Stage[] Stages, Func<HostileSession, Expectation> Inflict)
{
    public static readonly Injury[] All =
    [
        .. HandshakeInjuries.All, .. HeaderInjuries.All, .. TransferInjuries.All, .. DescriptorInjuries.All,
        .. FabricsInjuries.All, .. AdminInjuries.All, .. InputOutputInjuries.All,
    ];

    public override string ToString() => Name;
}
