using System.Globalization;
using System.Runtime.CompilerServices;
using Provision.Kernel.Runtime;
using Provision.Kernel.Sandbox;

namespace Provision.Cli.Oci;

/// <summary>
/// Golden/CASE/config.json against expected.txt: the refusals, or the launch program with the limits of its cgroup on
/// both versions. UPDATE_GOLDEN=1 rewrites what is expected.
/// </summary>
public sealed class GoldenTests
{
    private const string Id = "one", Bundle = "/bundle";

    public static TheoryData<string> Cases => [.. Directory.EnumerateDirectories(Folder()).Select(static d => Path.GetFileName(d)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Read_OfTheCase_IsAsExpected(string name)
    {
        var folder = Path.Combine(Folder(), name);
        var config = File.ReadAllText(Path.Combine(folder, "config.json"));
        var actual = string.Join('\n', [.. Lines(config, unified: true), .. Limits(config)]) + "\n";
        var file = Path.Combine(folder, "expected.txt");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(file, actual);

        Assert.Equal(File.Exists(file) ? File.ReadAllText(file) : "", actual);
    }

    [Fact]
    public void Read_AllThatIsUnsupported_IsRefusedInTheCaseForIt()
    {
        var refused = BundleReader.Read(File.ReadAllText(Path.Combine(Folder(), "refused", "config.json")), Bundle, Id, Host(unified: true)).Refusals;

        Assert.Empty(Unsupported.All.Select(static u => u.Path).Except(refused.Select(static r => r.Path)));
    }

    [Fact]
    public void Docs_HaveARowForAllThatIsUnsupported()
    {
        var page = File.ReadAllText(Path.Combine(Folder(), "../../../../docs/OCI.md"));

        foreach (var (path, reason) in Unsupported.All.Concat(Unsupported.MountOptions.Select(static o => ($"mounts[].options: {o.Option}", o.Reason))))
            Assert.Contains($"| `{path}` | {reason} |", page, StringComparison.Ordinal);
    }

    private static BundleHost Host(bool unified) => new(unified, "6.1.0");

    private static IEnumerable<string> Lines(string config, bool unified)
    {
        var reading = BundleReader.Read(config, Bundle, Id, Host(unified));
        if (reading.Bundle is not { } bundle)
            return reading.Refusals.Select(static r => "refused: " + r);
        var spec = bundle.Spec with { Sandbox = bundle.Spec.Sandbox with { CgroupDirectories = ["/sys/fs/cgroup/" + bundle.Cgroup] } };
        return RuntimeCompiler.Compile(spec, new SandboxHost("/sys/fs/cgroup") { CgroupMounts = ["/sys/fs/cgroup"] }, bundle.Hooks.AtCreation, [1]).Listing();
    }

    private static IEnumerable<string> Limits(string config)
    {
        foreach (var unified in new[] { false, true })
            if (BundleReader.Read(config, Bundle, Id, Host(unified)).Bundle?.Limits is { } limits)
            {
                foreach (var limit in limits.Values)
                    yield return string.Create(CultureInfo.InvariantCulture, $"v{(unified ? 2 : 1)}: {limit.File} {limit.Value}");
                if (limits.Devices is { } rules)
                    yield return $"v2: devices {string.Join(", ", rules)}";
            }
    }

    private static string Folder([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "Golden");
}
