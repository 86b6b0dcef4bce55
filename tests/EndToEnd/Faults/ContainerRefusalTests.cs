using Provision.EndToEnd.Containers;

namespace Provision.EndToEnd;

/// <summary>Containers that the kernel refuses to start: told with the file that refused, with nothing left behind.</summary>
public sealed class ContainerRefusalTests : ContainerLab
{
    private const string Mapped =
        "namespaces: {user: private}, idMap: {uid: [{container: 0, host: 100000, count: 65536}], gid: [{container: 0, host: 100000, count: 65536}]}";

    [RootTheory]
    [InlineData("setuid", "uid_map")]
    [InlineData("setgid", "gid_map")]
    public void Apply_WhereIdsMayNotBeMapped_NamesTheMapAndLeavesNothing(string capability, string file)
    {
        var path = Lab.Write("mapped.yaml", Container("sleep 100000", Mapped));

        var refused = Lab.RunUnder("setpriv", [$"--bounding-set=-{capability}"], "apply", "-f", path, "--auto-approve").Exited(5);

        Assert.Matches($@"write /proc/\d+/{file} 0 100000 65536: EPERM .*: the id map is not allowed", refused.Err);
        Lab.AssertNothingLeft();
        // The supervisor that may not do it either, and has nothing to keep.
        Eventually("it has ended", () => Processes.OfInstance(Lab.Instance.Name).Count == 0);
        Lab.Apply(path);
        Assert.NotNull(Pid(path));
        Lab.Plan(0, path);
    }

    [RootFact]
    public void Apply_WithPidsForOneProcessAboveAndBelow_Starts()
    {
        var path = Lab.Write("one.yaml", Above("spec: {pids: {max: 1}}") + Container("sleep 100000", "resources: {pids: {max: 1}}, cgroup: shop"));

        Lab.Apply(path);

        Assert.Equal(1, new LiveCgroup(Lab, "shop.cg/web-1.ctr").PidsMax);
        Assert.NotNull(Pid(path));
        Lab.Plan(0, path);
    }

    private static string Above(string spec) =>
        $$"""
        apiVersion: provision/v1
        kind: Cgroup
        metadata: {name: shop}
        {{spec}}
        ---

        """;

    private static string Container(string line, string more) =>
        $$"""
        apiVersion: provision/v1
        kind: Container
        metadata: {name: web-1}
        spec: {command: [/bin/busybox, {{string.Join(", ", line.Split(' ').Select(static w => $"\"{w}\""))}}], stop: {timeout: 10ms}, {{more}}}

        """;
}
