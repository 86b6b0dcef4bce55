using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>Capabilities that cannot be kept, or not in this way.</summary>
internal static class SecurityCheck
{
    private const string Ptrace = "CAP_SYS_PTRACE";

    public static void Check(ContainerProblems check)
    {
        var keep = Names(check, SecurityFields.Keep) ?? Names(SecurityFields.Keep.Default);
        foreach (var name in (Names(check, SecurityFields.Ambient) ?? []).Except(keep))
            check.Error(ContainerCodes.Capabilities, $"{SecurityFields.Ambient.Path}[{name}]", $"{name} is in ambient and not in keep, which bounds it",
                $"add it to {SecurityFields.Keep.Path}");
        foreach (var field in new[] { SecurityFields.MaskedPaths, SecurityFields.ReadonlyPaths })
            if (check.Spec.List(field).Any(static p => p.ToString() == "/"))
                check.Error(ContainerCodes.Unlaunchable, $"{field.Path}[/]", $"{field.Path} cannot name the whole root", "use rootfs.readOnly, or name what lies in it");
        // A process of the host that helps a container along (exec) would be in reach of a debugger inside.
        if (keep.Contains(Ptrace) && check.Text(ContainerFields.UserNamespace) != NamespaceType.Private)
            check.Error(ContainerCodes.Capabilities, $"{SecurityFields.Keep.Path}[{Ptrace}]",
                $"{Ptrace} without a user namespace of its own reaches processes of the host that enter the container",
                "give it namespaces: {user: private} and an idMap");
    }

    private static HashSet<string>? Names(ContainerProblems check, Field field) => check.Spec.Get(field) is { } list ? Names(list) : null;

    private static HashSet<string> Names(Value? list) => [.. ((ListValue)list!).Items.Select(static n => n.ToString()!)];
}
