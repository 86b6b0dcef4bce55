using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>What is wrong with a Cgroup whatever the host: pure.</summary>
internal static class CgroupCheck
{
    public static void Check(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        Name(resource, bag);
        Path(resource, set, bag);
        Limits(resource, set, bag);
    }

    /// <summary>The limits alone.</summary>
    internal static void Limits(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        Cpu(resource, bag);
        Devices(resource, bag);
        Within(resource, set, bag);
    }

    private static void Name(Resource resource, DiagnosticBag bag)
    {
        foreach (var suffix in new[] { CgroupPaths.Suffix, CgroupObserver.ContainerSuffix })
            if (resource.Id.Name.EndsWith(suffix, StringComparison.Ordinal))
                bag.Error(CgroupCodes.ReservedName, $"a Cgroup's name cannot end in {suffix}: directories that Provision makes do",
                    resource.Source.At("metadata.name"), $"say {resource.Id.Name[..^suffix.Length]}: the directory with {suffix} is found by it as well");
    }

    // PATH_MAX (4096) less what stands before (mount point, the instance's root) and after it (the file).
    private const int PathMax = 3840;

    private static void Path(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        var length = 0;
        var depth = 0;
        for (var at = resource; at is not null && depth <= set.Ordered.Length; at = Parent(at, set), depth++)
            length += 1 + at.Id.Name.Length + CgroupPaths.Suffix.Length;
        if (length > PathMax && depth <= set.Ordered.Length)
            bag.Error(CgroupCodes.PathTooLong,
                $"its cgroup lies {depth} deep, with a path of {length} bytes; the kernel's paths leave room for {PathMax}",
                resource.Source.At(CgroupFields.Parent.Path), "nest less deeply, or use shorter names");
    }

    private static void Cpu(Resource resource, DiagnosticBag bag)
    {
        var spec = resource.Spec;
        var period = spec.Number(CpuPeriod) ?? PeriodDefault;
        if (spec.Flag(CpuIdle) == true && spec.Number(CpuWeight) is { } weight && weight != 100)
            bag.Error(CgroupCodes.WeightWhileIdle, "cpu.weight means nothing while cpu.idle is true: the kernel takes no weight then",
                resource.Source.At("cpu.weight"), "leave one of them out");
        var max = spec.Number(CpuMax) ?? NumberValue.Max;
        var quota = max == NumberValue.Max ? NumberValue.Max : CpuQuota.FromCpus(max, period);
        if (quota < CpuQuota.Min)
            bag.Error(CgroupCodes.QuotaTooSmall,
                $"cpu.max is {quota} microseconds of each {period / 1000.0:0.###} ms period; the kernel takes no less than 1 ms",
                resource.Source.At("cpu.max"), "raise cpu.max or lengthen cpu.period");
        if (spec.Number(CpuBurst) is { } burst && burst > 0 && (max == NumberValue.Max || burst > quota))
            bag.Error(CgroupCodes.BurstTooLarge,
                max == NumberValue.Max
                    ? "cpu.burst has no meaning without a limit in cpu.max"
                    : $"cpu.burst is {burst} microseconds, more than the {quota} that cpu.max allows in a period",
                resource.Source.At("cpu.burst"));
    }

    private static void Devices(Resource resource, DiagnosticBag bag)
    {
        var spec = resource.Spec;
        var denies = spec.Text(DevicesDefault) == "deny";
        foreach (var rule in spec.Objects(DevicesAllow))
        {
            var span = resource.Source.At($"{DevicesAllow.Path}[{DeviceKey(rule)}]");
            var numbers = new[] { rule.Get(DeviceType), rule.Get(DeviceMajor), rule.Get(DeviceMinor) };
            var whole = rule.Get(DevicePath) is null ? numbers.All(static n => n is not null) : numbers.All(static n => n is null);
            if (!whole)
                bag.Error(CgroupCodes.DeviceRule, "a device is named by its path, or by type, major and minor together", span);
            if (!denies)
                bag.Error(CgroupCodes.AllowWithoutDeny, "devices.allow has no meaning while devices.default allows everything", span,
                    "set devices.default to deny");
        }
    }

    private static void Within(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        Subset(resource, set, bag, Cpus, "CPUs");
        Subset(resource, set, bag, Mems, "memory nodes");
    }

    private static void Subset(Resource resource, ResourceSet set, DiagnosticBag bag, Field field, string things)
    {
        if (Stated(resource, field) is not { } own || Above(resource, set, r => Stated(r, field)) is not { } above)
            return;
        var (parent, allowed) = above;
        var beyond = CpuList.Parse(own).Except(CpuList.Parse(allowed)).ToList();
        if (beyond.Count > 0)
            bag.Error(CgroupCodes.BeyondParent,
                $"{field.Path} has {things} {CpuList.Format(beyond)}, which {parent.Id} above it ({allowed}) does not",
                resource.Source.At(field.Path));
    }

    private static string? Stated(Resource resource, Field field) =>
        resource.Spec.Text(field) is { } text && text != CpusetType.Inherit ? text : null;

    /// <summary>The nearest resource above that has such a value; null when none has.</summary>
    internal static (Resource Resource, T Value)? Above<T>(Resource resource, ResourceSet set, Func<Resource, T?> value) where T : class
    {
        // Checks run even where references form a circle, which is an error of its own.
        var at = Parent(resource, set);
        for (var depth = 0; at is not null && depth < set.Ordered.Length; depth++, at = Parent(at, set))
            if (value(at) is { } found)
                return (at, found);
        return null;
    }

    internal static Resource? Parent(Resource resource, ResourceSet set) =>
        resource.Spec.Text(CgroupFields.Parent) is { } name ? set.Find(new ResourceId(CgroupSchema.Kind, name)) : null;
}
