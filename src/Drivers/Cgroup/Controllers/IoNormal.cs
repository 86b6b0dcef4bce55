using System.Collections.Immutable;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>The normal form of io.max, the same for both versions: devices by number, an item only where something is limited.</summary>
internal static class IoNormal
{
    public static readonly ImmutableArray<Field> Limits = [ReadBps, WriteBps, ReadIops, WriteIops];

    public static ObjectValue Normalize(ObjectValue spec, NormalContext context)
    {
        if (spec.Get(IoMax) is null && !context.Owned)
            return spec;
        var items = new SortedDictionary<string, ObjectValue>(StringComparer.Ordinal);
        foreach (var item in spec.Objects(IoMax))
        {
            if (Number(item, context) is not { } device)
                continue;
            var numbered = item.With(IoDevice, device);
            if (!items.TryAdd(device, numbered))
                context.Error(CgroupCodes.DeviceRule, $"{IoMax.Path}[{IoKey(item)}]", $"io.max names device {device} twice");
        }

        var live = context.Live?.Live.Objects(IoMax).Select(IoKey).ToHashSet() ?? [];
        return spec.With(IoMax, new ListValue([.. items.Where(i => Limited(i.Value) || (!context.Owned && live.Contains(i.Key))).Select(static i => i.Value)]));
    }

    /// <summary>An item that limits nothing is the same as none.</summary>
    public static bool Limited(ObjectValue item) => Limits.Any(l => item.Number(l) is { } limit && limit != NumberValue.Max);

    /// <summary>Devices of both states, each with its item there; null where a state has none.</summary>
    public static IEnumerable<(string Device, ObjectValue? From, ObjectValue? To)> Pairs(Steps steps)
    {
        var from = steps.From.Objects(IoMax).ToDictionary(IoKey);
        var to = steps.To.Objects(IoMax).ToDictionary(IoKey);
        return from.Keys.Union(to.Keys).Order(StringComparer.Ordinal)
            .Select(device => (device, from.GetValueOrDefault(device), to.GetValueOrDefault(device)));
    }

    public static ListValue Items(IEnumerable<KeyValuePair<string, ObjectValue>> byDevice) => new(
    [
        .. byDevice.Where(static i => Limited(i.Value)).OrderBy(static i => i.Key, StringComparer.Ordinal).Select(static i => i.Value),
    ]);

    /// <summary>An item of this device without limits.</summary>
    public static ObjectValue Unlimited(string device) =>
        Limits.Aggregate(ObjectValue.Empty.With(IoDevice, device), static (item, limit) => item.With(limit, NumberValue.Max));

    private static string? Number(ObjectValue item, NormalContext context)
    {
        var text = item.Text(IoDevice) ?? "";
        if (context.Reader.Device(text) is { Block: true } node)
        {
            if (node.Partition)
                context.Error(CgroupCodes.NoDevice, $"{IoMax.Path}[{text}].device",
                    $"{text} is a partition; the kernel limits whole disks only", "name the disk that it is on");
            return node.Numbers;
        }

        context.Error(CgroupCodes.NoDevice, $"{IoMax.Path}[{text}].device", $"{text} is not a block device of this host");
        return null;
    }
}
