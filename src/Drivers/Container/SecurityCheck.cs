using Provision.Kernel.Sandbox;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>Capabilities that cannot be kept, or not in this way.</summary>
internal static class SecurityCheck
{
    private const string Ptrace = "CAP_SYS_PTRACE";

    public static void Check(ContainerProblems check, ResourceSet set)
    {
        var security = check.Spec.Get(ContainerSecurity.Security);
        if (security is ObjectValue)
        {
            SecurityProfiles.CheckAmbient(ContainerSecurity.Fields, check.Resource, ContainerCodes.Capabilities, check.Bag);
            SecurityProfiles.CheckPaths(ContainerSecurity.Fields, check.Resource, ContainerCodes.Unlaunchable, check.Bag);
        }

        var keep = SecurityProfiles.Keep(SecurityProfiles.Stated(security, set));
        // A process of the host that helps a container along (exec) would be in reach of a debugger inside.
        if ((keep & Capability.Mask([Ptrace])) != 0 && check.Text(ContainerFields.UserNamespace) != NamespaceType.Private)
            check.Error(ContainerCodes.Capabilities, $"{ContainerSecurity.Fields.Keep.Path}[{Ptrace}]",
                $"{Ptrace} without a user namespace of its own reaches processes of the host that enter the container",
                "give it namespaces: {user: private} and an idMap");
    }
}
