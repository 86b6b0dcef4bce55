using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>The declaration of the kind Container.</summary>
public static class ContainerSchema
{
    public const string Kind = "Container";

    public static KindSchema Schema { get; } = new(
        Kind,
        "A program in namespaces and a cgroup of its own, kept running by the instance's supervisor.",
        [
            ContainerFields.Rootfs, ContainerFields.Command, ContainerFields.Args, ContainerFields.Env, ContainerFields.WorkingDir,
            ContainerFields.User, ContainerFields.Hostname, ContainerFields.Namespaces, ContainerFields.IdMaps, ContainerFields.Mounts,
            ContainerFields.Devices, ContainerFields.Cgroup, ContainerFields.Resources, NetworkFields.Networks, ContainerSecurity.Security,
            RlimitFields.Rlimits, ContainerFields.Sysctls, ContainerFields.OomScoreAdj, ContainerFields.Running, ContainerFields.Terminal,
            ContainerFields.Restart, ContainerFields.Stop, ContainerFields.Logging,
        ])
    {
        Check = ContainerCheck.Check,
        Embed = static (resource, files) => SecurityProfiles.Embed(ContainerSecurity.Fields, resource, files),
        Columns = ["running", "cgroup", "networks", "command"],
        Example = """
            apiVersion: provision/v1
            kind: Container
            metadata: {name: web-1}
            spec:
              command: [/bin/busybox, httpd]
              args: [-f, -p, "80", -h, /srv]
              env: {LANG: C.UTF-8}
              mounts: [{type: bind, source: /usr/share/doc, target: /srv, readOnly: true}]
              resources: {memory: {max: 64Mi}, pids: {max: 32}}
              rlimits: {nofile: {soft: 1024, hard: 4096}}
              restart: {policy: OnFailure, backoff: {initial: 100ms, max: 10s}}
            """,
    };
}
