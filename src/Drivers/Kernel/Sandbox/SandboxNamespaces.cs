using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;

namespace Provision.Kernel.Sandbox;

/// <summary>
/// Namespaces of a container that are there before its process is: a user namespace with its maps written, and a network
/// namespace, owned by that one, into which links can be put. They live as long as these descriptors or a process in them.
/// </summary>
public sealed class SandboxNamespaces : IDisposable
{
    private SandboxNamespaces(SafeHandle? user, SafeHandle? net) => (User, Net) = (user, net);

    /// <summary>An open /proc/PID/ns/user; null when the specification makes none.</summary>
    public SafeHandle? User { get; }

    /// <summary>An open /proc/PID/ns/net; null when the specification makes none, or its process does.</summary>
    public SafeHandle? Net { get; }

    /// <summary>Makes those that the specification needs, by a child that opens them and ends.</summary>
    /// <exception cref="LaunchException">The kernel makes no more (ENOSPC: user.max_net_namespaces).</exception>
    /// <exception cref="Provision.Reconciler.KernelException">An id map is refused.</exception>
    public static SandboxNamespaces Make(Launcher launcher, SandboxSpec spec)
    {
        var user = spec.Namespaces.User.Kind == NamespaceKind.Private;
        var net = SandboxCompiler.NetIsMadeBefore(spec);
        if (!user && !net)
            return new SandboxNamespaces(null, null);
        // The child shares our table of descriptors (CLONE_FILES): what it opens is ours.
        var to = new StepList();
        using var inputs = new LaunchInputs();
        var joins = spec.Namespaces.User.Path is not null;
        if (joins)
        {
            // The container's root is to own its network namespace.
            inputs.Own(Slots.Namespace("user"), NamespaceFile.Open(spec.Namespaces.User.Path!));
            NamespaceSteps.Enter(to, Slots.Namespace("user"), CloneFlags.NewUser);
            to.Add(SystemCall.Unshare, Argument.Named("CLONE_NEWNET", (long)CloneFlags.NewNet));
        }

        if (user)
            to.Add(Step(SystemCall.OpenAt, Argument.Here, "/proc/self/ns/user", Constants.ReadOnly) with { Result = Slots.User });
        if (net)
            to.Add(Step(SystemCall.OpenAt, Argument.Here, "/proc/self/ns/net", Constants.ReadOnly) with { Result = Slots.Net });
        var flags = CloneFlags.Files | (user ? CloneFlags.NewUser : 0) | (net && !joins ? CloneFlags.NewNet : 0);
        var program = new LaunchProgram(spec.Name + " namespaces", flags, joins ? [Slots.Namespace("user")] : [], to.ToImmutable())
        {
            Opens = [.. user ? (string[])[Slots.User] : [], .. net ? (string[])[Slots.Net] : []],
        };
        SandboxNamespaces? made = null;
        try
        {
            launcher.Perform(program, inputs, (slot, pid) =>
            {
                made = new SandboxNamespaces(user ? new Fd((int)slot(Slots.User)) : null, net ? new Fd((int)slot(Slots.Net)) : null);
                if (spec.IdMaps is { } maps)
                {
                    // The child is a zombie by now, and its /proc still leads to its user namespace.
                    WriteMap(pid, "gid_map", maps.Gid);
                    WriteMap(pid, "uid_map", maps.Uid);
                }
            });
            return made!;
        }
        catch
        {
            made?.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        User?.Dispose();
        Net?.Dispose();
    }

    // One write(2) for the whole map, user_namespaces(7).
    private static void WriteMap(int pid, string file, IReadOnlyList<IdRange> ranges)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/{file}");
        var text = string.Concat(ranges.Select(static r => string.Create(CultureInfo.InvariantCulture, $"{r.Container} {r.Host} {r.Count}\n")));
        var (map, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_WRONLY);
        if (map is not null)
            using (map)
                errno = Sys.WriteAll(map, Encoding.ASCII.GetBytes(text));
        if (errno != 0)
            throw Sys.Failure("write", path, errno, text.TrimEnd('\n').Replace("\n", ", "), errno is Errno.EPERM or Errno.EINVAL ? "the id map is not allowed" : null);
    }
}
