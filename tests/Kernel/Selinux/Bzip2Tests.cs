using System.Text;

namespace Provision.Kernel.Selinux;

/// <summary>What bzip2 1.0.8 made of known bytes.</summary>
public sealed class Bzip2Tests
{
    private const string Nothing = "QlpoORdyRThQkAAAAAA=";

    private const string Rules = "QlpoOTFBWSZTWeISY4QAAHfTgAAQQGAAAK8v2YAwANgFA00MjJiFA00MjJiBSqjNIZA0yZCfhNRORPomBNAmgT2JmJ9E8CbibCbCehNxMCexMxORORPwmYmgngTgToJgTgTITgTITAmo"
        + "m4nYTkJ5EyE7ibCYCfxdyRThQkOISY4Q";

    private const string Runs = "QlpoOTFBWSZTWQmxrscAAANEAeYAP/AAgAAIIAAxTAATQj1TQ0yZA0vW57NI5bRGjbk1w4eSx0WFFH8IZbNz4u5IpwoSATY12OA=";

    private const int Limit = 1 << 20;

    [Fact]
    public void Decompress_Nothing_IsNothing() => Assert.Empty(Bzip2.Decompress(Convert.FromBase64String(Nothing), Limit));

    [Fact]
    public void Decompress_Text_IsTheText() => Assert.Equal(
        string.Concat(Enumerable.Repeat("(allow provision_domain self (process (fork)))\n", 40)), Encoding.ASCII.GetString(Bzip2.Decompress(Convert.FromBase64String(Rules), Limit)));

    [Fact]
    public void Decompress_RunsOfEveryLength_KeepsThem() => Assert.Equal(
        string.Concat(((int[])[1, 3, 4, 5, 8, 9, 255, 259, 260, 1000]).Select(static (n, i) => new string((char)('A' + i), n))),
        Encoding.ASCII.GetString(Bzip2.Decompress(Convert.FromBase64String(Runs), Limit)));

    [Fact]
    public void Decompress_LongerThanTheLimit_IsRefused() =>
        Assert.Throws<InvalidDataException>(static () => Bzip2.Decompress(Convert.FromBase64String(Runs), 1000));

    [Fact]
    public void Decompress_CutAnywhere_IsRefused()
    {
        var whole = Convert.FromBase64String(Rules);

        // The last four bytes are a checksum, at which nobody looks.
        Assert.All(Enumerable.Range(0, whole.Length - 5), cut => Assert.Throws<InvalidDataException>(() => Bzip2.Decompress(whole[..cut], Limit)));
    }

    [Fact]
    public void Decompress_AnyBitTurned_EndsOneWayOrTheOther()
    {
        var whole = Convert.FromBase64String(Rules);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var broken = (byte[])whole.Clone();
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            var ended = Record.Exception(() => Bzip2.Decompress(broken, Limit));
            Assert.True(ended is null or InvalidDataException, $"bit {bit}: {ended}");
        }
    }
}
