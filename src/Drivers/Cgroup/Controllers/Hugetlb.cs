using System.Globalization;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>hugetlb.SIZE.max (hugetlb.SIZE.limit_in_bytes on cgroup v1): limits count in whole huge pages.</summary>
internal sealed class Hugetlb(CgroupHierarchy hierarchy, ICgroupReader reader) : Controller("hugetlb", hierarchy, [HugePages])
{
    public override ObjectValue Read(CgroupFiles files, ObjectValue live)
    {
        var found = false;
        var items = new List<ObjectValue>();
        foreach (var size in reader.HugePageSizes)
        {
            if (files.Number(File(size)) is not NumberValue limit)
                continue;
            found = true;
            // cgroup v1 shows "no limit" as the greatest whole page of this size.
            if (!limit.IsMax && limit.Number < NumberValue.Max - (2 * size))
                items.Add(Item(size, limit.Number));
        }

        return found ? live.With(HugePages, List(items)) : live;
    }

    public override ObjectValue Fresh(ObjectValue fresh) => fresh.With(HugePages, ListValue.Empty);

    protected override bool IsDefault(Field field, Value value) =>
        ((ListValue)value).Items.All(static i => CgroupFiles.WholePages(Limit((ObjectValue)i), Math.Max(1, Size((ObjectValue)i))) == NumberValue.Max);

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        if (spec.Get(HugePages) is null && !context.Owned)
            return spec;
        var live = context.Live?.Live.Objects(HugePages).Select(HugePageKey).ToHashSet() ?? [];
        var items = new List<ObjectValue>();
        foreach (var item in spec.Objects(HugePages))
        {
            var (size, limit) = (item.Number(HugePageSize) ?? 0, item.Number(HugePageMax) ?? NumberValue.Max);
            if (!reader.HugePageSizes.Contains(size))
                context.Error(CgroupCodes.OutOfRange, $"{HugePages.Path}[{HugePageKey(item)}]",
                    $"this host has no huge pages of {HugePageKey(item)} (it has {string.Join(", ", reader.HugePageSizes.Select(SizeText))})");
            else if (CgroupFiles.WholePages(limit, size) is var whole && whole != NumberValue.Max)
                items.Add(Item(size, whole));
            else if (!context.Owned && live.Contains(HugePageKey(item)))
                items.Add(Item(size, whole));
        }

        return spec.With(HugePages, List(items));
    }

    public override void Write(Steps steps)
    {
        var from = steps.From.Objects(HugePages).ToDictionary(Size, Limit);
        var to = steps.To.Objects(HugePages).ToDictionary(Size, Limit);
        foreach (var size in from.Keys.Union(to.Keys).Order())
        {
            var (old, now) = (from.GetValueOrDefault(size, NumberValue.Max), to.GetValueOrDefault(size, NumberValue.Max));
            if (old != now)
                steps.Write(Hierarchy, HugePages, File(size), Text(now), Text(old));
        }
    }

    private static long Size(ObjectValue item) => item.Number(HugePageSize) ?? 0;

    private static long Limit(ObjectValue item) => item.Number(HugePageMax) ?? NumberValue.Max;

    private static ObjectValue Item(long size, long limit) =>
        ObjectValue.Empty.With(HugePageSize, size).With(HugePageMax, limit);

    private static ListValue List(IEnumerable<ObjectValue> items) =>
        new([.. items.OrderBy(HugePageKey, StringComparer.Ordinal)]);

    private string Text(long limit) => Hierarchy.Unified ? CgroupFiles.Format(limit) : CgroupFiles.FormatV1(limit);

    private string File(long size) => $"hugetlb.{SizeText(size)}.{(Hierarchy.Unified ? "max" : "limit_in_bytes")}";

    // As the kernel names its files: 64KB, 2MB, 1GB.
    private static string SizeText(long size) => size switch
    {
        >= 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{size >> 30}GB"),
        >= 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{size >> 20}MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{size >> 10}KB"),
    };
}
