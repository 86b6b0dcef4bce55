using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>The declaration of the kind Cgroup.</summary>
public static class CgroupSchema
{
    public const string Kind = "Cgroup";

    public static KindSchema Schema { get; } = new(
        Kind,
        "A control group with limits. Processes never sit in it directly: containers that name it get a cgroup of their own below it.",
        [
            CgroupFields.Parent, CgroupFields.Cpu, CgroupFields.Cpuset, CgroupFields.Memory, CgroupFields.Io,
            CgroupFields.Pids, CgroupFields.HugePages, CgroupFields.Devices,
        ])
    {
        Check = CgroupCheck.Check,
        Columns = ["parent", "cpu.weight", "cpu.max", "memory.max", "pids.max"],
        Example = """
            apiVersion: provision/v1
            kind: Cgroup
            metadata: {name: web}
            spec:
              cpu: {weight: 200, max: "1.5"}
              memory: {max: 256Mi, swapMax: 0}
              pids: {max: 64}
              devices: {default: deny, allow: [{path: /dev/null}, {type: char, major: 136, minor: "*", access: rw}]}
            """,
    };
}
