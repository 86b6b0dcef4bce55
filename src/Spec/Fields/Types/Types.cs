using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>
/// The scalar types of the manifest language. Each parses source text to one canonical value and formats that
/// value as text that parses back to it. Numbers become <see cref="NumberValue"/> in the unit named here, switches
/// <see cref="FlagValue"/>, everything else <see cref="TextValue"/>. Bounds include both ends; <c>allowMax</c>
/// admits the word max, which is <see cref="NumberValue.Max"/>.
/// </summary>
public static class Types
{
    /// <summary><see cref="ScalarType.ReferencedKind"/> of a reference that names its kind itself: <c>Kind/name</c>.</summary>
    public const string AnyKind = "*";

    /// <summary>true or false.</summary>
    public static ScalarType Bool { get; } = new BoolType();

    /// <summary>Permission bits in octal: <c>0755</c> is 493.</summary>
    public static ScalarType Mode { get; } = new ModeType();

    /// <summary>CPUs or ranges of them, sorted and joined: <c>4,0-1</c> is <c>0-1,4</c>. Memory nodes too.</summary>
    public static ScalarType CpuList { get; } = Spec.CpuList.Type;

    /// <summary>A network link's name (netdevice(7)): 1–15 bytes, no white space, '/' or ':'.</summary>
    public static ScalarType LinkName { get; } = Names.Link;

    /// <summary>The name of a resource: lower-case letters, digits, '-' and '.', at most 63.</summary>
    public static ScalarType ResourceName { get; } = Names.Resource;

    /// <summary>An absolute path without <c>..</c>; doubled and trailing slashes and <c>.</c> are taken out.</summary>
    public static ScalarType AbsolutePath { get; } = Paths.Absolute;

    /// <summary>A signal by name, with or without SIG, or by its x86-64/arm64 number: <c>TERM</c> is <c>SIGTERM</c>.</summary>
    public static ScalarType Signal { get; } = Signals.Type;

    /// <summary>An IPv4 or IPv6 address with its prefix length: <c>10.0.0.1/24</c>.</summary>
    public static ScalarType InterfaceAddress { get; } = IpTypes.InterfaceAddress;

    /// <summary>A network, its host bits zero: <c>10.0.0.0/24</c>.</summary>
    public static ScalarType Network { get; } = IpTypes.Network;

    /// <summary>An IPv4 or IPv6 address.</summary>
    public static ScalarType IpAddress { get; } = IpTypes.Address;

    /// <summary>Any link-layer address in lower-case colon form.</summary>
    public static ScalarType AnyMac { get; } = MacType.Create(unicast: false);

    /// <summary>A link-layer address that a link can have: unicast and not zero. Lower-case colon form.</summary>
    public static ScalarType Mac { get; } = MacType.Create(unicast: true);

    /// <summary><c>Kind/name</c> of a resource that must be declared.</summary>
    public static ScalarType ReferenceAny { get; } = Names.AnyReference;

    /// <summary>Bytes; <c>512Mi</c> binary, <c>1G</c> decimal.</summary>
    public static ScalarType Bytes(long min = 0, long max = long.MaxValue, bool allowMax = false) =>
        new BytesType(perSecond: false, min, max, allowMax);

    /// <summary>Bytes per second, written as sizes are.</summary>
    public static ScalarType ByteRate(long min = 0, long max = long.MaxValue, bool allowMax = false) =>
        new BytesType(perSecond: true, min, max, allowMax);

    /// <summary>Events per second.</summary>
    public static ScalarType CountRate(long min = 0, long max = long.MaxValue, bool allowMax = false) =>
        new CountRateType(min, max, allowMax);

    /// <summary>Bits per second; <c>100Mbit</c>.</summary>
    public static ScalarType BitRate(long min = 0, long max = long.MaxValue) => new BitRateType(min, max);

    /// <summary>A whole number.</summary>
    public static ScalarType Integer(long min = 0, long max = long.MaxValue, bool allowMax = false) =>
        new IntegerType(min, max, allowMax);

    /// <summary>Micro-CPUs: <c>1.5</c> and <c>150%</c> are 1,500,000.</summary>
    public static ScalarType Cpus(bool allowMax = false) => new CpusType(allowMax);

    /// <summary>Microseconds; the unit (us, ms, s, m, h) must be written.</summary>
    /// <param name="min">In microseconds.</param>
    /// <param name="max">In microseconds.</param>
    public static ScalarType Duration(long min = 0, long max = long.MaxValue) => new DurationType(min, max);

    /// <summary>One number or a range of them, as text: <c>10</c>, <c>20-30</c>. See <see cref="IntRange"/>.</summary>
    public static ScalarType Range(long min = 0, long max = long.MaxValue) => IntRange.Create(min, max);

    /// <summary>Free text.</summary>
    /// <param name="pattern">An ECMAScript pattern (anchor it with ^ and $) that the text must match.</param>
    /// <param name="expected">What may be written, for people; goes with a pattern or a check.</param>
    /// <param name="check">Returns what is wrong with a text, or null. The pattern must cover what it accepts.</param>
    public static ScalarType Text(
        string? pattern = null, string? expected = null, int maxLength = 65536, Func<string, string?>? check = null) =>
        new TextType(pattern, expected, maxLength, check);

    /// <summary>One of these words.</summary>
    public static ScalarType Word(params ImmutableArray<string> words) => new WordType(words);

    /// <summary>The name of a resource of this kind, which must be declared; the resource then depends on it.</summary>
    public static ScalarType Reference(string kind) => Names.Reference(kind);
}
