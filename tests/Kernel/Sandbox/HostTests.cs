using Provision.Kernel.Containers;

namespace Provision.Kernel.Sandbox;

/// <summary>What texts of the host say: users' homes, ids behind ids.</summary>
public sealed class HostTests
{
    [Fact]
    public void Homes_OfPasswd_AreThoseThatArePlainPaths()
    {
        const string passwd =
            """
            root:x:0:0:root:/root:/bin/sh
            daemon:x:1:1::/:/usr/sbin/nologin
            git:x:7:7::/srv/git/:/bin/sh
            again:x:8:8::/srv/git:/bin/sh
            odd:x:9:9::/srv/../etc:/bin/sh
            none:x:9:9:::/bin/sh
            broken:x

            """;

        Assert.Equal(["/root", "/srv/git"], HiddenPaths.Homes(passwd));
    }

    [Fact]
    public void HostId_OfAMap_IsTheRangesOrTheIdItself()
    {
        const string map = "         0     100000      65536\n     70000       5000          1\n";

        Assert.Equal([100000u, 101000u, 5000u, 70001u], new[] { 0u, 1000u, 70000u, 70001u }.Select(id => HostIds.In(map, id)));
        Assert.Equal(7u, HostIds.In("", 7));
    }

    [Fact]
    public void Closes_OfASharedTable_AreItsOwnDescriptorsAlone()
    {
        var entry = SandboxCompiler.CompileEntry(Samples.Minimal, new SandboxHost(null), terminal: true);

        // The terminal's other end, if the process that is to have it cannot be made.
        Assert.Equal([Slots.Oom, Slots.Peer], entry.Closes.Select(static c => c.Slot));
        Assert.Empty(SandboxCompiler.Compile(Samples.Minimal, new SandboxHost(null)).Closes);
    }

    [Fact]
    public void Compile_OfAnEntryWithALabel_WritesItThroughTheHostsProc()
    {
        var spec = Samples.Minimal with { Security = SecuritySpec.Default with { SelinuxLabel = "system_u:system_r:provision_container_t:s0:c1,c2" } };

        var listing = SandboxCompiler.CompileEntry(spec, new SandboxHost(null), terminal: false).Listing();

        var opened = listing.Index().Single(static l => l.Item.Contains("file = openat(host-proc, \"thread-self/attr/exec\"", StringComparison.Ordinal)).Index;
        Assert.Contains("write(file, \"system_u:system_r:provision_container_t:s0:c1,c2\", 48)", listing[opened + 1], StringComparison.Ordinal);
        Assert.DoesNotContain(listing.Take(opened), static l => l.Contains("capset", StringComparison.Ordinal));
    }
}
