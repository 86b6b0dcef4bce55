using Provision.Kernel.Containers;
using Provision.Spec;
using static Provision.Drivers.Container.ContainerFields;

namespace Provision.Drivers.Container;

/// <summary>What is wrong with a Container whatever the host: pure. Each part has a class of its own.</summary>
internal static class ContainerCheck
{
    public static void Check(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        var check = new ContainerProblems(resource, bag);
        Name(check);
        Program(check);
        RootfsCheck.Check(check);
        NamespaceCheck.Check(check, set);
        SecurityCheck.Check(check, set);
        NetworkCheck.Check(check, set);
        LeafCgroups.Check(LeafLimits.Of(resource), set, bag);
    }

    private static void Name(ContainerProblems check)
    {
        foreach (var suffix in new[] { LeafCgroups.Suffix, IContainerReader.Suffix })
            if (check.Resource.Id.Name.EndsWith(suffix, StringComparison.Ordinal))
                check.Error(ContainerCodes.ReservedName, "metadata.name", $"a Container's name cannot end in {suffix}: directories that Provision makes do");
        if (check.Resource.Metadata.ManagementPolicy == ManagementPolicy.Merge)
            check.Error(ContainerCodes.NotAdopted, "metadata.managementPolicy", "a container that Provision did not start cannot be adopted",
                "leave managementPolicy out, or set it to Observe");
    }

    private static void Program(ContainerProblems check)
    {
        var spec = check.Spec;
        if (spec.List(Command).FirstOrDefault()?.ToString() is not { Length: > 0 })
            check.Error(ContainerCodes.NoCommand, Command.Path, "command names no program");
        foreach (var name in (spec.Get(Env) as ObjectValue)?.Members.Keys ?? [])
            if (name.Length == 0 || name.Contains('=') || name.Contains('\0'))
                check.Error(ContainerCodes.EnvironmentName, $"{Env.Path}[{name}]", $"{Shown.Text(name)} cannot be the name of an environment variable");
        foreach (var rlimit in RlimitFields.All)
            if (spec.Number(rlimit.Soft) > spec.Number(rlimit.Hard))
                check.Error(ContainerCodes.SoftAboveHard, rlimit.Soft.Path, $"{rlimit.Soft.Path} is above {rlimit.Hard.Path}; the kernel takes no such pair");
        var (first, longest) = (check.Effective(BackoffInitial), check.Effective(BackoffMax));
        if (first.Number > longest.Number)
            check.Error(ContainerCodes.Backoff, BackoffInitial.Path,
                $"{BackoffInitial.Path} {((ScalarType)BackoffInitial.Type).Format(first)} is longer than {BackoffMax.Path} {((ScalarType)BackoffMax.Type).Format(longest)}");
    }
}
