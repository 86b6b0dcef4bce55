namespace Provision.Spec.Tests;

/// <summary>Small kinds in the shape of the real ones.</summary>
internal static class TestKinds
{
    public static readonly Field MemoryMax = new("max", Types.Bytes(allowMax: true), "Upper limit of memory.") { Default = NumberValue.Max };
    public static readonly Field MemoryLow = new("low", Types.Bytes(), "Best-effort protection.") { Default = 0 };

    public static readonly KindSchema Cgroup = new(
        "Cgroup",
        "A control group with limits.",
        [
            new Field("parent", Types.Reference("Cgroup"), "The cgroup above.") { ReplaceReason = "the kernel cannot move a cgroup" },
            new Field(
                "cpu",
                new ObjectType(
                [
                    new Field("weight", Types.Integer(1, 10000), "Share under contention.") { Default = 100 },
                    new Field("max", Types.Cpus(allowMax: true), "CPU time in each period.") { Default = NumberValue.Max },
                    new Field("period", Types.Duration(1_000, 1_000_000), "Length of a period.") { Default = 100_000 },
                    new Field("idle", Types.Bool, "Run only when nothing else does.") { Default = false },
                ]),
                "CPU time."),
            new Field(
                "cpuset",
                new ObjectType(
                [
                    new Field("cpus", Types.CpuList, "CPUs to run on.") { DefaultDoc = "the parent's CPUs" },
                    new Field("partition", Types.Word("member", "root", "isolated"), "Partition type."),
                ]),
                "Placement."),
            new Field("memory", new ObjectType([MemoryLow, MemoryMax]), "Memory."),
            new Field(
                "io",
                new ObjectType(
                [
                    new Field(
                        "max",
                        new ListType(
                            new ObjectType(
                            [
                                new Field("device", Types.AbsolutePath, "Block device.") { Required = true },
                                new Field("readBps", Types.ByteRate(allowMax: true), "Bytes read per second.") { Default = NumberValue.Max },
                                new Field("readIops", Types.CountRate(allowMax: true), "Reads per second.") { Default = NumberValue.Max },
                            ]),
                            static item => ((ObjectValue)item)["device"]!.ToString()!,
                            "device"),
                        "Limits of a device."),
                ]),
                "Input and output."),
        ])
    {
        Check = static (resource, _, bag) =>
        {
            var low = resource.Spec.Number(MemoryLow);
            var max = resource.Spec.Number(MemoryMax);
            if (low > max)
                bag.Error("PV1001", $"memory.low {low} is above memory.max {max}", resource.Source.At("memory.low"));
        },
        Example = "apiVersion: provision/v1\nkind: Cgroup\nmetadata: {name: web}\nspec:\n  memory: {max: 256Mi}\n",
    };

    public static readonly KindSchema Bridge = new(
        "Bridge",
        "A software switch.",
        [
            new Field("linkName", Types.LinkName, "The link's name.") { DefaultDoc = "metadata.name" },
            new Field(
                "addresses", new ListType(Types.InterfaceAddress, static v => v.ToString()!, "address"), "Addresses of the bridge."),
            new Field("mtu", Types.Integer(68, 65535), "Largest packet."),
            new Field("macAddress", Types.Mac, "Link-layer address."),
            new Field("ageingTime", Types.Duration(), "How long an address is remembered.") { Default = 300_000_000 },
            new Field(
                "ports",
                new ListType(
                    new ObjectType(
                    [
                        new Field("link", Types.LinkName, "The port.") { Required = true },
                        new Field("hairpin", Types.Bool, "Send back out of the port.") { Default = false },
                        new Field("cost", Types.Integer(1, 65535), "Path cost."),
                        new Field(
                            "vlans",
                            new ListType(
                                new ObjectType(
                                [
                                    new Field("id", Types.Range(1, 4094), "VLANs.") { Required = true },
                                    new Field("pvid", Types.Bool, "Untagged packets belong here.") { Default = false },
                                ]),
                                static item => ((ObjectValue)item)["id"]!.ToString()!,
                                "id"),
                            "VLANs of the port."),
                    ]),
                    static item => ((ObjectValue)item)["link"]!.ToString()!,
                    "link"),
                "Links that exist, adopted as ports."),
        ]);

    public static readonly KindSchema Container = new(
        "Container",
        "A container.",
        [
            new Field("command", new ListType(Types.Text()), "Program and first arguments.") { Required = true },
            new Field("args", new ListType(Types.Text()), "Further arguments."),
            new Field("env", new MapType(Types.Text()), "Environment."),
            new Field("token", Types.Text(pattern: "^[a-z]+$", expected: "lower-case letters"), "A secret.") { Secret = true },
            new Field("workingDir", Types.AbsolutePath, "Working directory.") { Default = "/" },
            new Field(
                "rootfs",
                new UnionType(
                    new ObjectType(
                    [
                        new Field("host", new ObjectType([]), "The host's files.") { Required = true },
                        new Field("readOnly", Types.Bool, "No writes.") { Default = false },
                    ]),
                    new ObjectType([new Field("directory", Types.AbsolutePath, "A directory.") { Required = true }])),
                "What it sees as /.")
            { ReplaceReason = "the root is set before the start" },
            new Field(
                "limits",
                new UnionType(Types.Word("none", "some"), new ObjectType([new Field("files", Types.Integer(0, 10), "Files.") { Default = 3 }])),
                "By name or member by member."),
            new Field("cgroup", Types.Reference("Cgroup"), "The cgroup above its own.") { NotObserved = true },
            new Field("stop", new ObjectType([new Field("signal", Types.Signal, "Sent first.") { Default = "SIGTERM" }]), "Stopping."),
            new Field("mode", Types.Mode, "Permission bits."),
            new Field("rate", Types.BitRate(), "Bandwidth."),
            new Field("subnet", Types.Network, "A network."),
            new Field("gateway", Types.IpAddress, "An address."),
            new Field(
                "networks",
                new ListType(
                    new ObjectType(
                    [
                        new Field("bridge", Types.Reference("Bridge"), "The bridge."),
                        new Field("interface", Types.LinkName, "The link inside.") { Required = true },
                    ]),
                    static item => ((ObjectValue)item)["interface"]!.ToString()!,
                    "interface"),
                "Networks."),
        ]);

    public static readonly KindRegistry All = new([Cgroup, Bridge, Container]);

    public static Resource Only(string text)
    {
        var result = Manifests.Parse("test.yaml", text, All);
        Assert.Empty(result.Diagnostics.Items);
        return Assert.Single(result.Set.Ordered);
    }
}
