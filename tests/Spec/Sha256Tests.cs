using System.Security.Cryptography;

namespace Provision.Spec.Tests;

/// <summary>The runtime's own SHA-256 is the second opinion.</summary>
public sealed class Sha256Tests
{
    [Fact]
    public void Hash_EveryLengthAroundTheBlocks_IsTheRuntimes()
    {
        var content = new byte[1000];
        new Random(5).NextBytes(content);
        for (var length = 0; length <= content.Length; length++)
            Assert.Equal(SHA256.HashData(content.AsSpan(0, length)), Sha256.Hash(content.AsSpan(0, length)));
    }

    [Fact]
    public void Hash_LongContent_IsTheRuntimes()
    {
        var content = new byte[(1 << 20) + 7];
        new Random(6).NextBytes(content);
        Assert.Equal(SHA256.HashData(content), Sha256.Hash(content));
    }

    // FIPS 180-4, and RFC 6234's test vectors.
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Hex_KnownTexts_AreAsPublished(string text, string digest) => Assert.Equal(digest, Sha256.Hex(text));
}
