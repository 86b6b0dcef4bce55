using System.Text;
using static Provision.Testing.States.StateGen;

namespace Provision.Testing.States;

/// <summary>A tree of Cgroups up to three deep, and one that lies in none and has none in it.</summary>
internal sealed class CgroupGen(Choices choose, Features features)
{
    // Where cgroup v1 wants a child's share to be no more than its parent's.
    private static readonly (string More, string Less)[] Shares = [("1.5", "1.2"), ("0.6", "0.5"), ("0.2", "0.1")];

    /// <summary>Those that containers can lie in.</summary>
    public IReadOnlyList<string> Write(StringBuilder text)
    {
        var depths = new Dictionary<string, int>();
        foreach (var name in (string[])["c1", "c2", "c3"])
            if (choose.Is($"{name}.is", 70))
            {
                var above = depths.Keys.ToList();
                var at = choose.Pick($"{name}.parent", above.Count + 1);
                var parent = at == 0 ? null : above[at - 1];
                depths[name] = parent is null ? 0 : depths[parent] + 1;
                Document(text, "Cgroup", name, [parent is null ? "" : $"parent: {parent}", .. Limits($"{name}.", depths[name], 64)]);
            }

        // On cgroup v1 devices.default changes only where nothing lies below.
        if (choose.Is("c4.is", 50))
            Document(text, "Cgroup", "c4", [.. Limits("c4.", 0, 1), Devices("c4.")]);
        return [.. depths.Keys];
    }

    /// <summary>Limits as a Cgroup and a container's resources have them.</summary>
    /// <param name="name">Stands before the names of the decisions.</param>
    /// <param name="depth">How many Cgroups are above.</param>
    /// <param name="processes">The least limit of processes.</param>
    public IEnumerable<string> Limits(string name, int depth, int processes)
    {
        var max = choose.Of($"{name}max", "", Shares[depth].More, Shares[depth].Less);
        var idle = choose.Is($"{name}idle", 20);
        yield return Map("cpu",
            idle ? "idle: true" : choose.Of($"{name}weight", "", "weight: 1", "weight: 250", "weight: 10000"),
            max.Length == 0 ? "" : $"max: {max}",
            choose.Of($"{name}period", "", "period: 50ms", "period: 1s"),
            max.Length > 0 && choose.Is($"{name}burst", 30) ? "burst: 2ms" : "");
        yield return Map("cpuset",
            choose.Of($"{name}cpus", "", "cpus: \"0\"", features.TwoCpus && depth == 0 ? "cpus: 0-1" : ""),
            choose.Of($"{name}mems", "", "", "mems: \"0\""));
        var memory = choose.Of($"{name}memory", "", "max: 64Mi", "max: 100000001", "max: 1Gi");
        yield return Map("memory",
            memory,
            // cgroup v1 limits swap as a part of the sum alone.
            features.Unified || memory.Length > 0 ? choose.Of($"{name}swap", "", "", "swapMax: 0", "swapMax: 32Mi") : "",
            features.Unified ? choose.Of($"{name}low", "", "", "low: 1Mi", "min: 1Mi") : "",
            features.Unified ? choose.Of($"{name}high", "", "", "high: 512Mi") : "",
            features.Unified && choose.Is($"{name}oom", 20) ? "oomGroup: true" : "");
        yield return Map("pids", choose.Of($"{name}pids", "", $"max: {processes}", $"max: {processes * 2}"));
        yield return choose.Of($"{name}huge", "", "", "", "hugetlb: [{size: 2Mi, max: 5Mi}]", "hugetlb: [{size: 2Mi, max: 64Mi}]");
    }

    private string Devices(string name) => choose.Of($"{name}devices", "", "devices: {default: deny}", "devices: {default: deny, allow: [{path: /dev/null}]}",
        "devices: {default: deny, allow: [{path: /dev/null, access: r}, {type: char, major: 136, minor: \"*\", access: rw}]}");
}
