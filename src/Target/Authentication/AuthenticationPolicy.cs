using Nvmf.Abstractions.Authentication;

namespace Nvmf.Target.Authentication;

/// <summary>What a subsystem accepts, the best first.</summary>
internal sealed record AuthenticationPolicy(IReadOnlyList<DhChapHash> Hashes, IReadOnlyList<DhChapGroup> Groups)
{
    // 128 bits of strength are enough, and more costs every queue of every host; who wants more, or less, says so.
    private static readonly DhChapHash[] DefaultHashes = [DhChapHash.Sha256, DhChapHash.Sha384, DhChapHash.Sha512];

    private static readonly DhChapGroup[] DefaultGroups =
    [
        DhChapGroup.Ffdhe3072, DhChapGroup.Ffdhe4096, DhChapGroup.Ffdhe2048, DhChapGroup.Ffdhe6144, DhChapGroup.Ffdhe8192, DhChapGroup.Null,
    ];

    public static AuthenticationPolicy Of(SubsystemOptions options) => new(
        options.AuthenticationHashes.Count == 0 ? DefaultHashes : [.. options.AuthenticationHashes],
        options.AuthenticationGroups.Count == 0 ? DefaultGroups : [.. options.AuthenticationGroups]);
}
