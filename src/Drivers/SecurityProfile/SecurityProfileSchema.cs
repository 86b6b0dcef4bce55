using Provision.Spec;

namespace Provision.Drivers.SecurityProfile;

/// <summary>The declaration of the kind SecurityProfile.</summary>
public static class SecurityProfileSchema
{
    public const string Kind = "SecurityProfile";

    public static KindSchema Schema { get; } = new(
        Kind,
        "What confines the containers that name it. Nothing in the kernel is a profile: a container that runs is held against it, and one that it changes for is replaced.",
        SecurityProfileFields.Own.All)
    {
        Check = Check,
        Embed = static (resource, files) => SeccompEmbedding.Embed(SecurityProfileFields.Own, resource, files),
        Example = """
            apiVersion: provision/v1
            kind: SecurityProfile
            metadata: {name: web}
            spec:
              capabilities: {keep: [CAP_NET_BIND_SERVICE, CAP_SETUID, CAP_SETGID]}
              seccomp:
                defaultAction: SCMP_ACT_ALLOW
                syscalls:
                  - {names: [mount, umount2, ptrace, bpf, unshare, setns], action: SCMP_ACT_ERRNO, errnoRet: 1}
                  - {names: [clone3], action: SCMP_ACT_ERRNO, errnoRet: 38}
              readonlyPaths: [/proc/sys, /proc/sysrq-trigger]
              require: [seccomp]
            """,
    };

    private static void Check(Resource resource, ResourceSet set, DiagnosticBag bag)
    {
        if (resource.Metadata.ManagementPolicy == ManagementPolicy.Merge)
            bag.Error(SecurityProfileCodes.NotAdopted, $"{resource.Id}: there is no object of the kernel that a profile could adopt",
                resource.Source.At("metadata.managementPolicy"), "leave managementPolicy out");
        SecurityProfiles.CheckAmbient(SecurityProfileFields.Own, resource, SecurityProfileCodes.Ambient, bag);
        SecurityProfiles.CheckPaths(SecurityProfileFields.Own, resource, SecurityProfileCodes.WholeRoot, bag);
    }
}
