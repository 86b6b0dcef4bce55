using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>io.max and io.weight (or io.bfq.weight where only BFQ has weights) of cgroup v2.</summary>
internal sealed class IoV2 : Controller
{
    private const string Max = "io.max", Weight = "io.weight", Bfq = "io.bfq.weight";

    private static readonly ImmutableArray<(Field Field, string Key)> Keys =
        [(ReadBps, "rbps"), (WriteBps, "wbps"), (ReadIops, "riops"), (WriteIops, "wiops")];

    // blk-throttle ends a smaller one in EINVAL (0 in ERANGE).
    private const long LeastLimit = 2;

    private readonly Lazy<string> _weight;

    // io.weight is iocost's, whose other files stand in the root; else BFQ's is what there may be.
    public IoV2(CgroupHierarchy hierarchy, ICgroupReader reader) : base("io", hierarchy, [IoWeight, IoMax]) =>
        _weight = new Lazy<string>(() => Files(reader, "").Has("io.cost.qos") ? Weight : Bfq);

    public override ObjectValue Read(CgroupFiles files, ObjectValue live)
    {
        if (files.Text(Max) is not { } text)
            return live;
        var items = new Dictionary<string, ObjectValue>();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var item = IoNormal.Unlimited(parts[0]);
            foreach (var (field, key) in Keys)
                if (parts.FirstOrDefault(p => p.StartsWith(key + "=", StringComparison.Ordinal)) is { } pair
                    && CgroupFiles.ParseNumber(pair[(key.Length + 1)..]) is { } number)
                    item = item.With(field, number);
            items[parts[0]] = item;
        }

        // "default 100", then lines for single devices; a weight that is missing is the default one.
        var weight = files.Lines(_weight.Value).FirstOrDefault(static l => l.StartsWith("default ", StringComparison.Ordinal));
        return live
            .With(IoMax, IoNormal.Items(items))
            .With(IoWeight, files.Has(_weight.Value) ? CgroupFiles.ParseNumber(weight?["default ".Length..] ?? "100") : null);
    }

    public override ObjectValue Fresh(ObjectValue fresh) => fresh.With(IoWeight, 100).With(IoMax, ListValue.Empty);

    protected override bool IsDefault(Field field, Value value) =>
        value is ListValue limits ? !limits.Items.Any(static i => IoNormal.Limited((ObjectValue)i)) : base.IsDefault(field, value);

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        spec = IoNormal.Normalize(spec, context);
        foreach (var item in spec.Objects(IoMax))
            foreach (var (field, key) in Keys)
                if (item.Number(field) < LeastLimit)
                    context.Error(CgroupCodes.OutOfRange, $"{IoMax.Path}[{IoKey(item)}].{field.Name}",
                        $"{IoMax.Path} {field.Name} {item.Number(field)}: {Max} takes no {key} under {LeastLimit}");
        if (spec.Number(IoWeight) is { } weight && _weight.Value == Bfq && weight > 1000)
            context.Error(CgroupCodes.OutOfRange, IoWeight, $"io.weight {weight}: {Bfq} takes 1 to 1000");
        // A live cgroup with io.max and without a weight: this kernel has no weights at all.
        if (context.Live is { } live && live.Live.Get(IoMax) is not null && live.Live.Get(IoWeight) is null)
        {
            if (context.Asks(IoWeight))
                context.Error(CgroupCodes.NoFile, IoWeight, $"io.weight: this kernel has neither {Weight} nor {Bfq}");
            spec = spec.With(IoWeight, null);
        }

        return spec;
    }

    public override void Write(Steps steps)
    {
        if (steps.Differs(IoWeight))
            steps.Write(Hierarchy, IoWeight, _weight.Value, Default(steps.Number(IoWeight)), Default(steps.Number(IoWeight, old: true)));
        foreach (var (device, from, to) in IoNormal.Pairs(steps))
        {
            var moved = Keys.Where(k => Limit(from, k.Field) != Limit(to, k.Field)).ToList();
            if (moved.Count > 0)
                steps.Write(Hierarchy, IoMax, Max, Line(device, moved, to), Line(device, moved, from));
        }
    }

    private static string Default(long weight) => string.Create(CultureInfo.InvariantCulture, $"default {weight}");

    private static long Limit(ObjectValue? item, Field field) => item?.Number(field) ?? NumberValue.Max;

    // A removed limit must be written as max: leaving the key out leaves the limit.
    private static string Line(string device, List<(Field Field, string Key)> moved, ObjectValue? item) =>
        $"{device} {string.Join(' ', moved.Select(k => $"{k.Key}={CgroupFiles.Format(Limit(item, k.Field))}"))}";
}
