using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>One controller for every field, in the version that this host has it in (a hybrid host mixes them).</summary>
internal sealed class CgroupControllers
{
    private const string V1 = "this host's controller is cgroup v1, which cannot express it";

    public CgroupControllers(ICgroupReader reader)
    {
        var layout = reader.Layout;
        All =
        [
            Of("cpu", "cpu", [CpuWeight, CpuMax, CpuPeriod, CpuBurst, CpuIdle], static h => new CpuV1(h), static h => new CpuV2(h)),
            Of("cpuset", "cpuset", [Cpus, Mems, Partition], static h => new CpusetV1(h), static h => new CpusetV2(h)),
            Of("memory", "memory", [MemoryMin, MemoryLow, MemoryHigh, MemoryMax, SwapMax, OomGroup], static h => new MemoryV1(h), h => new MemoryV2(h, reader)),
            Of("io", "blkio", [IoWeight, IoMax], h => new IoV1(h, reader), h => new IoV2(h, reader)),
            Of("pids", "pids", [PidsLimit], static h => new Pids(h), static h => new Pids(h)),
            Of("hugetlb", "hugetlb", [HugePages], h => new Hugetlb(h, reader), h => new Hugetlb(h, reader)),
            layout.For("devices") is { } devices ? new DevicesV1(devices)
                : layout.Unified is { } unified ? new DevicesV2(unified)
                : new MissingController("devices", layout, [DevicesDefault, DevicesAllow]),
        ];

        var unreadable = ImmutableDictionary.CreateBuilder<string, string>();
        foreach (var controller in All)
            switch (controller)
            {
                case MissingController missing:
                    foreach (var field in missing.Fields)
                        unreadable[field.Path] = $"this host has no {missing.Name} controller";
                    break;
                case MemoryV1:
                    foreach (var field in new[] { MemoryMin, MemoryLow, MemoryHigh, OomGroup })
                        unreadable[field.Path] = V1;
                    break;
                case CpusetV1:
                    unreadable[Partition.Path] = V1;
                    break;
            }

        Unreadable = unreadable.ToImmutable();

        Controller Of(string name, string nameV1, ImmutableArray<Field> fields, Func<CgroupHierarchy, Controller> v1, Func<CgroupHierarchy, Controller> v2) =>
            (layout.For(name) ?? layout.For(nameV1)) switch
            {
                null => new MissingController(name, layout, fields),
                { Unified: true } hierarchy => v2(hierarchy),
                var hierarchy => v1(hierarchy),
            };
    }

    public ImmutableArray<Controller> All { get; }

    /// <summary>Fields that nothing on this host can show, with the reason.</summary>
    public ImmutableDictionary<string, string> Unreadable { get; }

    /// <summary>What a cgroup has that was just made.</summary>
    public ObjectValue Fresh => All.Aggregate(ObjectValue.Empty, static (fresh, c) => c.Fresh(fresh));

    /// <summary>v2 controllers that must be enabled above for what this manifest states.</summary>
    public ImmutableArray<string> Needed(Resource resource) =>
    [
        .. All.Where(c => c.NeedsEnabling && c.IsAskedFor(resource)).Select(static c => c.Name),
    ];

    /// <summary>The v2 controller of that name; null for one that no manifest can state anything of.</summary>
    public Controller? Enabling(string name) => All.FirstOrDefault(c => c.NeedsEnabling && c.Name == name);
}
