using System.Globalization;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>
/// Namespaces that a container shares with another: a choice of kind path whose path is <c>container:NAME</c>. Which
/// process that is, is known only when it starts; its files are opened at once, because a pid is anybody's later.
/// </summary>
internal sealed class SharedNamespaces : IDisposable
{
    private const string Prefix = "container:";

    private readonly List<Fd> _open = [];

    private SharedNamespaces()
    {
    }

    /// <summary>The specification with open files in place of names; good until this is disposed.</summary>
    public SandboxSpec Spec { get; private set; } = null!;

    /// <param name="processOf">Pid and pidfd of the first process of a container; null when it does not run.</param>
    /// <exception cref="KernelException">One of the containers does not run.</exception>
    public static SharedNamespaces Resolve(SandboxSpec spec, Func<string, (int Pid, Fd Process)?> processOf)
    {
        var shared = new SharedNamespaces();
        try
        {
            var set = spec.Namespaces;
            NamespaceChoice Of(NamespaceChoice choice, string kind) =>
                choice.Path?.StartsWith(Prefix, StringComparison.Ordinal) == true ? choice with { Path = shared.Open(spec, choice.Path[Prefix.Length..], kind, processOf) } : choice;

            shared.Spec = spec with
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
            return shared;
        }
        catch
        {
            shared.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var file in _open)
            file.Dispose();
    }

    private string Open(SandboxSpec spec, string name, string kind, Func<string, (int Pid, Fd Process)?> processOf)
    {
        KernelException Gone(string? why) => new(new KernelError("setns", spec.Name, Prefix + name, Errno.ENOENT, $"Container/{name} does not run{why}"));
        if (processOf(name) is not var (pid, process))
            throw Gone(null);
        try
        {
            _open.Add(PidFd.OpenFile(process, pid, "ns/" + kind, Libc.O_RDONLY));
        }
        catch (KernelException ended)
        {
            throw Gone($": {ended.Message}");
        }

        return string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{_open[^1].Number}");
    }
}
