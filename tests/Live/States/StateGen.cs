using System.Text;

namespace Provision.Testing.States;

/// <summary>
/// Sets of manifests of all kinds, made from decisions. Whatever is decided, the set is valid and the host can have it: what
/// fails is a defect.
/// </summary>
internal static class StateGen
{
    public static readonly string[] Bridges = ["web0", "db0"];
    public static readonly string[] Ports = ["eth1", "eth2", "eth3"];

    /// <summary>The manifests of a set, as one file.</summary>
    /// <param name="root">The directory that containers have as their root.</param>
    public static string Manifests(Choices choose, Features features, string root)
    {
        var text = new StringBuilder();
        var cgroups = new CgroupGen(choose, features).Write(text);
        var bridges = Bridges.Where(b => choose.Is($"{b}.is", 75)).ToList();
        BridgeGen.Write(text, choose, features, bridges);
        if (features.Containers)
            new ContainerGen(choose, features, root, cgroups, bridges).Write(text);
        return text.ToString();
    }

    /// <summary>One document; lines that are empty are left out.</summary>
    public static void Document(StringBuilder text, string kind, string name, IEnumerable<string> lines)
    {
        text.Append(text.Length > 0 ? "---\n" : "").Append($"apiVersion: provision/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:");
        var some = lines.Where(static l => l.Length > 0).ToList();
        text.Append(some.Count == 0 ? " {}\n" : "\n");
        foreach (var line in some)
            text.Append($"  {line}\n");
    }

    /// <summary><c>key: {a: 1, b: 2}</c> of the members that are not empty; nothing when none is left.</summary>
    public static string Map(string key, params IEnumerable<string> members) => Group(key, '{', members, '}');

    /// <summary><c>key: [a, b]</c> of the items that are not empty; nothing when none is left.</summary>
    public static string List(string key, params IEnumerable<string> items) => Group(key, '[', items, ']');

    private static string Group(string key, char open, IEnumerable<string> members, char close) =>
        members.Where(static m => m.Length > 0).ToList() is { Count: > 0 } some ? $"{key}: {open}{string.Join(", ", some)}{close}" : "";

    /// <summary>A busybox, and nothing of the host's.</summary>
    public static string Root(OwnDirectory directory)
    {
        var root = Path.Combine(directory.Path, "root");
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        File.Copy("/bin/busybox", Path.Combine(root, "bin/busybox"));
        File.CreateSymbolicLink(Path.Combine(root, "bin/sleep"), "busybox");
        return root;
    }
}
