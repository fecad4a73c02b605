using Nvmf.Abstractions.Authentication;

namespace Nvmf.Abstractions.Tests.Authentication;

/// <summary>Responses, against values that were computed with Python's hmac and hashlib from the text of the specification.</summary>
public class DhChapResponseTests
{
    private const string HostNqn = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-3333-4444-555555555555";
    private const string SubsystemNqn = "nqn.2025-06.test:disk";

    [Theory]
    [InlineData(
        DhChapHash.Sha256,
        "2f53ab38d2701da045ccfa2d81c6199b7b246b1246e29bf88ff1276f963bf5a2",
        "a2d1f487941efc33cfb97aeff284d89c628f82fc3a312544642dab64f85c017c",
        "dba16d663b8fcfc0b6320853af14a1625b11aaee4daef3ea8578993b27b357ee",
        "79f0296be3ba747412d0bffb459df388efffec60747f2ff5f93068a69282b4b7")]
    [InlineData(
        DhChapHash.Sha384,
        "149221ff24cd770ef209593d414a5518cdd34d626061473bcf33abf0d5272701ecbefbc10da7179a87112af9e14b7c59",
        "fb200247a0986753b9b0c1ef624d79fafa37bca226d2cbf38360216927f53df484dbf1ddc2be28a5d76ff0481d8a1a9a",
        "68e9b0300fc4aa62a0b4a2168f785616cc420a826bf657b7ee3a62443a9e5fda06fbad08c8ec4c8cf05c929a97cf9219",
        "b413719a9d5f487413d7c6e531248814143b5f57136f6ad8bbc0469fd27110d903ced29333518b2eae457bbe8174fe5c")]
    [InlineData(
        DhChapHash.Sha512,
        "ef53423f7081f2efb5242c30d4246668a1c43244a3993cf056c242b355d590cd210f81422f784f32972607f9e6cfb3d0571ec044f14d9ac1021877e5ae348bd4",
        "ed49bd593a68a1c8a539f369440090fe9a2d57d82c597497d7b7b0698092c40c0159beb89f4b177423a1be61b39b2793d0bf84482d3243b0d19f40ffb877bc6b",
        "ce0bca6d366bc8569c57bbc0e99da398d3824198582d958b19d39d1087db11cc1162c79345a7f1b3708b6d5dd095b4b2bfd177c6792a7542f68982bf86e7973c",
        "c7ed7114933c108d0dd1b7f7d2bae8bb98b2ea6c0673a903fb76eba09cdbe7aef2bcc32019dafeaeaab3b76c4bb57c5e5e61b45551399dd6382c05fce68ea929")]
    public void Both_responses_with_and_without_a_session_key(DhChapHash hash, string host, string hostAugmented, string controller, string controllerAugmented)
    {
        int length = hash.Length();
        byte[] key = [.. Enumerable.Range(0, 32).Select(i => (byte)((i * 7) + 1 + 32))];
        byte[] challenge = [.. Enumerable.Range(0, length).Select(i => (byte)(200 + i))];
        byte[] sessionKey = [.. Enumerable.Range(0, 256).Select(i => (byte)(3 * i))];
        using var secret = new DhChapSecret(DhChapHash.Sha256, key);
        var hostKey = new byte[DhChapSecret.MaxLength];
        var controllerKey = new byte[DhChapSecret.MaxLength];
        int hostLength = secret.Derive(HostNqn, hostKey);
        int controllerLength = secret.Derive(SubsystemNqn, controllerKey);
        var response = new DhChapResponse(hash, 0xBEEF, HostNqn, SubsystemNqn);
        foreach ((string expectedHost, string expectedController) in new[] { (host, controller), (hostAugmented, controllerAugmented) })
        {
            var value = new byte[length];
            response.OfHost(hostKey.AsSpan(0, hostLength), challenge, 0x01020304, value);
            Assert.Equal(expectedHost, Convert.ToHexStringLower(value));
            response.OfController(controllerKey.AsSpan(0, controllerLength), challenge, 0x01020304, value);
            Assert.Equal(expectedController, Convert.ToHexStringLower(value));
            response.Augment(sessionKey, challenge);
        }
    }

    [Fact]
    public void Sequence_numbers_are_never_zero_and_never_the_same()
    {
        uint first = DhChapSequence.Next();
        Assert.NotEqual(0u, first);
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(_ => DhChapSequence.Next()).Distinct().Count());
    }

    [Fact]
    public void Names_that_fill_their_fields_fit()
    {
        string longest = "nqn.2025-06.test:" + new string('x', 206);
        var value = new byte[64];
        new DhChapResponse(DhChapHash.Sha512, 1, longest, longest).OfController(new byte[64], new byte[64], 1, value);
        Assert.Contains(value, b => b != 0);
    }
}
