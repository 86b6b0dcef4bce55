using System.Runtime.CompilerServices;

namespace Provision.Kernel.Netlink;

/// <summary>What iproute2 and the kernel said to each other (Captured/capture.py records it).</summary>
internal sealed record Captured(string Command, byte[] Request, IReadOnlyList<byte[]> Answers)
{
    public static Captured Load(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(Folder(), "Captured", name + ".txt"));
        return new Captured(
            lines[0][2..],
            Convert.FromHexString(lines.Single(static l => l.StartsWith("request ", StringComparison.Ordinal))[8..]),
            [.. lines.Where(static l => l.StartsWith("answer ", StringComparison.Ordinal)).Select(static l => Convert.FromHexString(l[7..]))]);
    }

    public static IEnumerable<string> Names =>
        Directory.EnumerateFiles(Path.Combine(Folder(), "Captured"), "*.txt").Select(static f => Path.GetFileNameWithoutExtension(f)!);

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
