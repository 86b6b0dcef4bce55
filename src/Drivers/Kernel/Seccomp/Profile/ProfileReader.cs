using System.Collections.Frozen;
using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>Reads a profile in OCI's, Docker's or Podman's shape. Whatever the text, the answer is a profile or errors.</summary>
public sealed class ProfileReader
{
    // The other architectures of config-linux.md.
    private static readonly FrozenSet<string> Elsewhere =
        "MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE S390 S390X PARISC PARISC64 RISCV64 LOONGARCH64 M68K SH SHEB"
            .Split(' ').Select(static n => $"SCMP_ARCH_{n}").ToFrozenSet();

    private readonly DiagnosticBag _bag;
    private readonly ProfileValues _values;
    private readonly RuleReader _rules;

    private ProfileReader(DiagnosticBag bag)
    {
        _bag = bag;
        _values = new ProfileValues(bag);
        _rules = new RuleReader(_values);
    }

    /// <summary>A JSON profile; null after errors, which are in the bag with their lines.</summary>
    public static SeccompProfile? Read(SourceText source, DiagnosticBag bag) =>
        ProfileJson.Read(source, bag) is { } root ? Read(root, bag) : null;

    /// <summary>A profile that stands in something else, such as a manifest.</summary>
    public static SeccompProfile? Read(ProfileNode root, DiagnosticBag bag)
    {
        var errors = bag.Items.Count(static d => d.Severity == Severity.Error);
        var profile = new ProfileReader(bag).Profile(root);
        return bag.Items.Count(static d => d.Severity == Severity.Error) > errors ? null : profile;
    }

    private SeccompProfile? Profile(ProfileNode root)
    {
        if (_values.Object(root, "a profile", "defaultAction", "defaultErrnoRet", "defaultErrno", "architectures", "archMap", "syscalls", "flags", "listenerPath", "listenerMetadata", "comment") is not { } keys)
            return null;
        var listener = keys.Find("listenerPath") is { } path && _values.Text(path) is { Length: > 0 };
        _rules.HasListener = listener;
        if (keys.Required("defaultAction") is not { } action)
            return null;
        if (keys.Find("architectures") is { } outright && keys.Find("archMap") is not null)
            _bag.Error(SeccompCodes.WrongValue, "architectures and archMap cannot both be given", outright.Span, "keep the one that is meant");
        return new SeccompProfile
        {
            DefaultAction = _rules.Action(action, keys.Find("defaultErrnoRet"), keys.Find("defaultErrno"), isDefault: true),
            Architectures = [.. Architectures(keys.Find("architectures"))],
            ArchMap = [.. _values.Items(keys.Find("archMap")).Select(ArchMap).OfType<(SeccompArch, ImmutableArray<SeccompArch>)>()],
            Rules = [.. _values.Items(keys.Find("syscalls")).Select(_rules.Rule).OfType<SeccompRule>()],
            Flags = _values.Items(keys.Find("flags")).Aggregate(0u, (all, flag) => all | _values.Word(flag, RuleWords.Flags)),
            HasListener = listener,
            Span = root.Span,
        };
    }

    private (SeccompArch, ImmutableArray<SeccompArch>)? ArchMap(ProfileNode node)
    {
        if (_values.Object(node, "an item of archMap", "architecture", "subArchitectures") is not { } keys || keys.Required("architecture") is not { } native)
            return null;
        var others = _values.Items(keys.Find("subArchitectures")).Select(_values.Text).OfType<string>();
        // Entries of machines that this program does not run on say nothing here.
        if (_values.Text(native) is not { } name || ArchInfo.ByOciName(name) is not { } arch)
            return null;
        return (arch.Arch, [.. others.Select(ArchInfo.ByOciName).OfType<ArchInfo>().Select(static a => a.Arch)]);
    }

    private IEnumerable<SeccompArch> Architectures(ProfileNode? list)
    {
        foreach (var item in _values.Items(list))
        {
            if (_values.Text(item) is not { } name)
                continue;
            if (ArchInfo.ByOciName(name) is { } arch)
                yield return arch.Arch;
            else if (Elsewhere.Contains(name))
                _bag.Warn(SeccompCodes.NoTable, $"there is no system call table for {name}: its calls are killed", item.Span);
            else
                _values.Unknown(item, name, ArchInfo.All.Select(static a => a.OciName));
        }
    }
}
