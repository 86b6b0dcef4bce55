using System.Collections.Immutable;
using System.Globalization;
using Provision.Kernel;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>blkio.throttle.* and the weight of BFQ or CFQ (Documentation/admin-guide/cgroup-v1/blkio-controller.rst).</summary>
internal sealed class IoV1 : Controller
{
    private const string Bfq = "blkio.bfq.weight", Cfq = "blkio.weight";

    private static readonly ImmutableArray<(Field Field, string File)> Throttles =
    [
        (ReadBps, "blkio.throttle.read_bps_device"), (WriteBps, "blkio.throttle.write_bps_device"),
        (ReadIops, "blkio.throttle.read_iops_device"), (WriteIops, "blkio.throttle.write_iops_device"),
    ];

    private readonly Lazy<string?> _weight;

    public IoV1(CgroupHierarchy hierarchy, ICgroupReader reader) : base("blkio", hierarchy, [IoWeight, IoMax]) =>
        _weight = new Lazy<string?>(() => FindWeight(reader));

    public override ObjectValue Read(CgroupFiles files, ObjectValue live)
    {
        var items = new Dictionary<string, ObjectValue>();
        foreach (var (field, file) in Throttles)
        {
            if (files.Text(file) is not { } text)
                return live;
            foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
                if (line.Split(' ') is [var device, var limit] && CgroupFiles.ParseNumber(limit) is { } number)
                    items[device] = items.GetValueOrDefault(device, IoNormal.Unlimited(device)).With(field, number);
        }

        live = live.With(IoMax, IoNormal.Items(items));
        return _weight.Value is { } weight ? live.With(IoWeight, files.Number(weight)) : live;
    }

    public override ObjectValue Fresh(ObjectValue fresh) => fresh.With(IoWeight, 100).With(IoMax, ListValue.Empty);

    public override ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        spec = IoNormal.Normalize(spec, context);
        if (spec.Number(IoWeight) is not { } weight)
            return spec;
        if (_weight.Value is not { } file)
        {
            if (context.Asks(IoWeight))
                context.Error(CgroupCodes.NoFile, IoWeight, $"io.weight: this host's blkio controller has neither {Bfq} nor {Cfq}");
            return spec.With(IoWeight, null);
        }

        var least = file == Cfq ? 10 : 1;
        if (weight < least || weight > 1000)
            context.Error(CgroupCodes.OutOfRange, IoWeight, $"io.weight {weight}: {file} takes {least} to 1000");
        return spec;
    }

    public override void Write(Steps steps)
    {
        if (steps.Differs(IoWeight) && _weight.Value is { } weight)
            steps.Write(Hierarchy, IoWeight, weight, Text(steps.Number(IoWeight)), Text(steps.Number(IoWeight, old: true)));
        foreach (var (device, from, to) in IoNormal.Pairs(steps))
            foreach (var (field, file) in Throttles)
            {
                var (old, now) = (from?.Number(field) ?? NumberValue.Max, to?.Number(field) ?? NumberValue.Max);
                if (old != now)
                    steps.Write(Hierarchy, IoMax, file, $"{device} {Limit(now)}", $"{device} {Limit(old)}");
            }
    }

    // 0 takes a limit off.
    private static string Limit(long value) => value == NumberValue.Max ? "0" : Text(value);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    // The weight is in no root; where BFQ is built its counters are, and CFQ's weight is seen in any child.
    private string? FindWeight(ICgroupReader reader)
    {
        if (Files(reader, "").Has("blkio.bfq.io_serviced"))
            return Bfq;
        return reader.Children(Hierarchy, "").Select(child => Files(reader, child)).FirstOrDefault() is { Reader: not null } any && any.Has(Cfq) ? Cfq : null;
    }
}
