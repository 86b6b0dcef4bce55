using System.Globalization;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// Namespaces that a container shares with another: a choice of kind path whose path is <c>container:NAME</c>. Which
/// process that is, is known only when it starts.
/// </summary>
internal static class SharedNamespaces
{
    private const string Prefix = "container:";

    /// <summary>The specification with files of /proc in place of names.</summary>
    /// <param name="pidOf">The first process of a container; null when it does not run.</param>
    /// <exception cref="KernelException">One of the containers does not run.</exception>
    public static SandboxSpec Resolve(SandboxSpec spec, Func<string, int?> pidOf)
    {
        NamespaceChoice Of(NamespaceChoice choice, string kind)
        {
            if (choice.Path?.StartsWith(Prefix, StringComparison.Ordinal) != true)
                return choice;
            var name = choice.Path[Prefix.Length..];
            return pidOf(name) is { } pid
                ? choice with { Path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/{kind}") }
                : throw new KernelException(new KernelError("setns", spec.Name, choice.Path, Errno.ENOENT, $"Container/{name} does not run"));
        }

        var set = spec.Namespaces;
        return spec with
        {
            Namespaces = new NamespaceSet
            {
                Pid = Of(set.Pid, "pid"),
                Net = Of(set.Net, "net"),
                Ipc = Of(set.Ipc, "ipc"),
                Uts = Of(set.Uts, "uts"),
                Mnt = Of(set.Mnt, "mnt"),
                Cgroup = Of(set.Cgroup, "cgroup"),
                User = Of(set.User, "user"),
                Time = Of(set.Time, "time"),
            },
        };
    }
}
