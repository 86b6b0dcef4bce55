using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>The fields of a Cgroup (and of a container's resources), named and measured as cgroup v2 does.</summary>
internal static class CgroupFields
{
    public const long PeriodDefault = 100_000, PeriodMin = 1_000, PeriodMax = 1_000_000;

    /// <summary>Stands for "directly below the instance's root"; no resource can have this name.</summary>
    public const string NoParent = "/";

    // PID_MAX_LIMIT of a 64-bit kernel: a larger limit is EINVAL.
    private const long PidsMax = 4_194_304;

    // blk-throttle keeps operations per second in 32 bits and truncates silently; all ones mean max.
    private const long IopsMax = uint.MaxValue - 1;

    private static readonly NumberValue Unlimited = new(NumberValue.Max);

    public static readonly Field Parent = new("parent", Types.Reference("Cgroup"),
        "The Cgroup that this one lies in; its limits bound this one's.")
    {
        Default = NoParent,
        DefaultDoc = "the instance's own root",
        ReplaceReason = "a cgroup cannot be moved",
    };

    public static readonly Field CpuWeight = new("weight", Types.Integer(1, 10_000),
        "Share of CPU time against siblings when CPUs are scarce (cpu.weight; cpu.shares on cgroup v1).")
    { Default = 100 };

    public static readonly Field CpuMax = new("max", Types.Cpus(allowMax: true),
        "CPU time that may be used, in CPUs (1.5) or percent of one (150%) (cpu.max; cpu.cfs_quota_us on cgroup v1).")
    { Default = Unlimited };

    public static readonly Field CpuPeriod = new("period", Types.Duration(PeriodMin, PeriodMax),
        "Interval over which cpu.max is measured.")
    { Default = PeriodDefault };

    public static readonly Field CpuBurst = new("burst", Types.Duration(),
        "Unused time of earlier periods that may be added to one; at most cpu.max times the period (cpu.max.burst).")
    { Default = 0 };

    public static readonly Field CpuIdle = new("idle", Types.Bool,
        "Runs only when nothing else wants the CPU (SCHED_IDLE); weight then means nothing.")
    { Default = false };

    public static readonly Field Cpu = new("cpu", new ObjectType([CpuWeight, CpuMax, CpuPeriod, CpuBurst, CpuIdle]), "CPU time.");

    public static readonly Field Cpus = new("cpus", new CpusetType("CPUs", "0-1,4"),
        "CPUs that may be used (cpuset.cpus); inherit: those of the cgroup above.")
    { Default = CpusetType.Inherited };

    public static readonly Field Mems = new("mems", new CpusetType("memory nodes", "0"),
        "Memory nodes that may be used (cpuset.mems); inherit: those of the cgroup above.")
    { Default = CpusetType.Inherited };

    public static readonly Field Partition = new("partition", Types.Word("member", "root", "isolated"),
        "Scheduling domain of its own for its CPUs (cpuset.cpus.partition); before Linux 6.7 the cgroup above must be a partition too. cgroup v2 only.")
    { Default = "member" };

    public static readonly Field Cpuset = new("cpuset", new ObjectType([Cpus, Mems, Partition]), "Which CPUs and memory nodes.");

    public static readonly Field MemoryMin = new("min", Types.Bytes(allowMax: true),
        "Memory that is never reclaimed; cgroup v2 only.")
    { Default = 0 };

    public static readonly Field MemoryLow = new("low", Types.Bytes(allowMax: true),
        "Memory that is reclaimed only when nothing unprotected is left; cgroup v2 only.")
    { Default = 0 };

    public static readonly Field MemoryHigh = new("high", Types.Bytes(allowMax: true),
        "Use above this is slowed down and reclaimed; cgroup v2 only.")
    { Default = Unlimited };

    public static readonly Field MemoryMax = new("max", Types.Bytes(allowMax: true),
        "Use above this ends in the OOM killer (memory.max; memory.limit_in_bytes on cgroup v1). Whole pages count.")
    { Default = Unlimited };

    public static readonly Field SwapMax = new("swapMax", Types.Bytes(allowMax: true),
        "Swap alone, without memory (memory.swap.max; memory.memsw.limit_in_bytes minus the memory limit on cgroup v1).")
    { Default = Unlimited };

    public static readonly Field OomGroup = new("oomGroup", Types.Bool,
        "The OOM killer takes all processes of the cgroup or none; cgroup v2 only.")
    { Default = false };

    public static readonly Field Memory = new("memory",
        new ObjectType([MemoryMin, MemoryLow, MemoryHigh, MemoryMax, SwapMax, OomGroup]), "Memory and swap.");

    public static readonly Field IoWeight = new("weight", Types.Integer(1, 10_000),
        "Share of block I/O against siblings (io.weight; blkio.bfq.weight, up to 1000, on cgroup v1).")
    { Default = 100 };

    public static readonly Field IoDevice = new("device",
        Types.Text("^(/.+|[0-9]+:[0-9]+)$", "a block device as /dev/vda or 254:0", 4096), "The block device, by path or by number.")
    { Required = true };

    public static readonly Field ReadBps = new("readBps", Types.ByteRate(1, allowMax: true), "Bytes read per second.") { Default = Unlimited };

    public static readonly Field WriteBps = new("writeBps", Types.ByteRate(1, allowMax: true), "Bytes written per second.") { Default = Unlimited };

    public static readonly Field ReadIops = new("readIops", Types.CountRate(1, IopsMax, allowMax: true), "Reads per second.") { Default = Unlimited };

    public static readonly Field WriteIops = new("writeIops", Types.CountRate(1, IopsMax, allowMax: true), "Writes per second.") { Default = Unlimited };

    public static readonly Field IoMax = new("max",
        new ListType(new ObjectType([IoDevice, ReadBps, WriteBps, ReadIops, WriteIops]), IoKey, "device"),
        "Limits per block device (io.max; blkio.throttle.* on cgroup v1).");

    public static readonly Field Io = new("io", new ObjectType([IoWeight, IoMax]), "Block I/O.");

    public static readonly Field PidsLimit = new("max", Types.Integer(0, PidsMax, allowMax: true),
        "Processes and threads that may exist (pids.max).")
    { Default = Unlimited };

    public static readonly Field Pids = new("pids", new ObjectType([PidsLimit]), "Number of processes and threads.");

    public static readonly Field HugePageSize = new("size", Types.Bytes(4096), "Size of one page: 2Mi, 1Gi.") { Required = true };

    public static readonly Field HugePageMax = new("max", Types.Bytes(allowMax: true), "Bytes in pages of this size; whole pages count.") { Required = true };

    public static readonly Field HugePages = new("hugetlb",
        new ListType(new ObjectType([HugePageSize, HugePageMax]), HugePageKey, "size"),
        "Limits on huge pages (hugetlb.SIZE.max). A size that is not listed has no limit.");

    public static readonly Field DevicesDefault = new("default", Types.Word("allow", "deny"),
        "What happens to a device that no rule names.")
    { Default = "allow", DefaultDoc = "allow; on cgroup v1, without a devices section, the rules of the cgroup above" };

    public static readonly Field DevicePath = new("path", Types.AbsolutePath, "A device node, instead of type, major and minor.");

    public static readonly Field DeviceType = new("type", Types.Word("char", "block"), "Kind of device.");

    public static readonly Field DeviceMajor = new("major", Number, "Major number, or \"*\" for all.");

    public static readonly Field DeviceMinor = new("minor", Number, "Minor number, or \"*\" for all.");

    public static readonly Field AllowedAccess = new("access",
        Types.Text("^[rwm]{1,3}$", "letters of r (read), w (write), m (make the node)", 3), "What may be done with it.")
    { Default = "rwm" };

    public static readonly Field DevicesAllow = new("allow",
        new ListType(new ObjectType([DevicePath, DeviceType, DeviceMajor, DeviceMinor, AllowedAccess]), DeviceKey, "device"),
        "Devices that may be used where the default is deny.");

    public static readonly Field Devices = new("devices", new ObjectType([DevicesDefault, DevicesAllow]),
        "Access to device nodes (cgroup v1 devices; a BPF program on cgroup v2).");

    private static ScalarType Number => Types.Text("^(\\*|[0-9]{1,7})$", "a number or \"*\"", 7);

    /// <summary>The natural key of an item of io.max.</summary>
    public static string IoKey(Value item) => ((ObjectValue)item).Text(IoDevice) ?? "";

    /// <summary>The natural key of an item of hugetlb.</summary>
    public static string HugePageKey(Value item) => ((ObjectValue)item).Get(HugePageSize) is { } size ? HugePageSizeText(size) : "";

    /// <summary>The natural key of an item of devices.allow: the path, or <c>c 136:*</c>.</summary>
    public static string DeviceKey(Value item)
    {
        var rule = (ObjectValue)item;
        return rule.Text(DevicePath)
            ?? $"{(rule.Text(DeviceType) == "block" ? 'b' : 'c')} {rule.Text(DeviceMajor) ?? "*"}:{rule.Text(DeviceMinor) ?? "*"}";
    }

    private static string HugePageSizeText(Value size) => ((ScalarType)HugePageSize.Type).Format(size);
}
