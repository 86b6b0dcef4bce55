using System.Collections.Immutable;
using Provision.Kernel.Netlink;
using Provision.Spec;

namespace Provision.Drivers.Bridge;

/// <summary>A field that is one attribute of a bridge.</summary>
internal sealed record BridgeSetting(Field Field, BridgeAttribute Attribute, bool IsTime = false)
{
    /// <summary>Settings that hold whether or not STP and filtering run.</summary>
    public static readonly ImmutableArray<BridgeSetting> Values =
    [
        new(BridgeFields.ForwardDelay, BridgeAttribute.ForwardDelay, IsTime: true),
        new(BridgeFields.HelloTime, BridgeAttribute.HelloTime, IsTime: true),
        new(BridgeFields.MaxAge, BridgeAttribute.MaxAge, IsTime: true),
        new(BridgeFields.AgeingTime, BridgeAttribute.AgeingTime, IsTime: true),
        new(BridgeFields.StpPriority, BridgeAttribute.Priority),
        new(BridgeFields.GroupForwardMask, BridgeAttribute.GroupForwardMask),
        new(BridgeFields.MulticastSnooping, BridgeAttribute.MulticastSnooping),
        new(BridgeFields.MulticastQuerier, BridgeAttribute.MulticastQuerier),
        new(BridgeFields.MulticastQueryInterval, BridgeAttribute.MulticastQueryInterval, IsTime: true),
        new(BridgeFields.MulticastIgmpVersion, BridgeAttribute.MulticastIgmpVersion),
        new(BridgeFields.MulticastMldVersion, BridgeAttribute.MulticastMldVersion),
    ];

    /// <summary>Moves the VLANs of ports: a change of it is an operation of its own.</summary>
    public static readonly BridgeSetting DefaultPvid = new(BridgeFields.VlanDefaultPvid, BridgeAttribute.VlanDefaultPvid);

    public static readonly ImmutableArray<BridgeSetting> Switches =
    [
        new(BridgeFields.StpEnabled, BridgeAttribute.StpState),
        new(BridgeFields.VlanFiltering, BridgeAttribute.VlanFiltering),
    ];

    /// <summary>What a new bridge can be given at once.</summary>
    public static readonly ImmutableArray<BridgeSetting> All = [.. Values, DefaultPvid, .. Switches];

    public uint ToKernel(Value value, ClockTicks ticks) => value switch
    {
        FlagValue flag => flag.Flag ? 1u : 0u,
        NumberValue number when IsTime => ticks.ToWrite(number.Number),
        NumberValue number => (uint)number.Number,
        _ => throw new ArgumentException($"{Field.Path} cannot be {value}", nameof(value)),
    };
}
