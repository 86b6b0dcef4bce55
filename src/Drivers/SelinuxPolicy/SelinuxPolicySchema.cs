using Provision.Spec;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>The declaration of the kind SelinuxPolicy.</summary>
public static class SelinuxPolicySchema
{
    public const string Kind = "SelinuxPolicy";

    public static KindSchema Schema { get; } = new(
        Kind,
        "What of the host's SELinux is as declared: its mode, booleans, modules and labels of files. Mode, booleans and labels of files belong to the host: what is not declared is not touched, and what was declared stays as it is when the resource goes; the modules that it installed go with it, unless processes run in their types.",
        [SelinuxPolicyFields.Mode, SelinuxPolicyFields.Booleans, SelinuxPolicyFields.Modules, SelinuxPolicyFields.FileContexts])
    {
        Check = SelinuxPolicyCheck.Check,
        Embed = SelinuxModules.Embed,
        Columns = ["mode", "booleans", "modules"],
        Example = """
            apiVersion: provision/v1
            kind: SelinuxPolicy
            metadata: {name: host}
            spec:
              mode: enforcing
              booleans: {allow_ptrace: false}
              modules:
                - {name: provision}
              fileContexts:
                - {path: /srv/www, type: provision_container_file_t, level: s0}
            """,
    };
}
