using System.Globalization;
using System.Text;
using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;
using static Provision.Kernel.Sandbox.Constants;

namespace Provision.Kernel.Sandbox;

/// <summary>
/// /proc and /sys of our own. Everything that is written through /proc is written while it is detached: no mount and no
/// link of the container can redirect it, and nothing is masked yet.
/// </summary>
internal static class ProcSteps
{
    private const MountAttr Plain = MountAttr.NoSuid | MountAttr.NoDev | MountAttr.NoExec;

    public static void Make(StepList to, SandboxSpec spec)
    {
        Mounting.Make(to, "proc", Plain, Slots.Proc);
        foreach (var sysctl in spec.Sysctls)
            Write(to, "sys/" + SysctlPath(sysctl.Name), sysctl.Value);
        if (spec.Security.SelinuxLabel is { } label)
            Write(to, "thread-self/attr/exec", label);
        if (spec.Security.AppArmorProfile is { } profile)
            Write(to, "thread-self/attr/apparmor/exec", "exec " + profile);
        if (!SandboxCompiler.Prepares(spec))
            to.Add(Step(SystemCall.OpenAt, Slots.Of(Slots.Proc), "self/oom_score_adj", WriteOnly) with { Result = Slots.Oom });
    }

    /// <summary>After the mounts of the specification.</summary>
    public static void Attach(StepList to, SandboxSpec spec, SandboxHost host)
    {
        Mounting.AttachTop(to, Slots.Proc, "proc");
        if (BindsSys(spec))
        {
            Mounting.AttachTop(to, Slots.HostSys, "sys");
            return;
        }

        Mounting.Make(to, "sysfs", Plain | MountAttr.RdOnly, "sys");
        Mounting.AttachTop(to, "sys", "sys");
        // Where v2 is all there is, the container sees its own cgroup, read-only.
        if (spec.Namespaces.Cgroup.Kind != NamespaceKind.Private || spec.CgroupDirectories.Count != 1 || !host.IsUnified(spec.CgroupDirectories[0]))
            return;
        Mounting.Make(to, "cgroup2", Plain | MountAttr.RdOnly, "cgroupfs");
        to.Add(Mounting.Find("/sys/fs/cgroup", PlainDirectoryInRoot));
        Mounting.AttachOn(to, "cgroupfs", Slots.Target);
    }

    /// <summary>sysfs shows a network namespace and only the owner of that one may mount it.</summary>
    public static bool BindsSys(SandboxSpec spec) =>
        spec.Namespaces.User.Kind != NamespaceKind.Host && spec.Namespaces.Net.Kind != NamespaceKind.Private;

    /// <summary>0 unless asked for otherwise: the one who launches may be protected.</summary>
    public static void WriteOom(StepList to, SandboxSpec spec)
    {
        var text = (spec.OomScoreAdj ?? 0).ToString(CultureInfo.InvariantCulture);
        to.Add(Step(SystemCall.Write, Slots.Of(Slots.Oom), text, text.Length) with
        {
            // Without CAP_SYS_RESOURCE it cannot go below what it once was.
            Passes = spec.OomScoreAdj is null ? [Errno.EACCES] : [],
        });
    }

    /// <summary>The first separator decides, as sysctl(8) has it: <c>net.ipv4.conf.eth0/1.mtu</c> is below <c>eth0.1</c>.</summary>
    internal static string SysctlPath(string name)
    {
        var separator = name.AsSpan().IndexOfAny('.', '/');
        return separator < 0 || name[separator] == '/'
            ? name
            : string.Create(name.Length, name, static (path, from) =>
            {
                for (var i = 0; i < from.Length; i++)
                    path[i] = from[i] switch { '.' => '/', '/' => '.', var other => other };
            });
    }

    /// <summary>Writes a file of our own /proc.</summary>
    public static void Write(StepList to, string file, string value)
    {
        to.Add(Step(SystemCall.OpenAt, Slots.Of(Slots.Proc), file, WriteOnly) with { Result = "file" });
        to.Add(SystemCall.Write, Slots.Of("file"), value, Encoding.UTF8.GetByteCount(value));
    }
}
