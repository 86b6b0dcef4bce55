using System.Runtime.InteropServices;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Runtime;

/// <summary>User namespaces whose maps id-mapped mounts get: the container's own, or some that live for nothing else.</summary>
internal sealed class MappedMounts : IDisposable
{
    private readonly Dictionary<RuntimeMount, SafeHandle> _owners = new(ReferenceEqualityComparer.Instance);
    private readonly List<IDisposable> _owned = [];

    private MappedMounts()
    {
    }

    /// <param name="made">The container's namespaces.</param>
    /// <exception cref="LaunchException">The kernel makes no more of them.</exception>
    /// <exception cref="Provision.Reconciler.KernelException">An id map is refused.</exception>
    public static MappedMounts Make(Launcher launcher, RuntimeSpec spec, SandboxNamespaces made)
    {
        var all = new MappedMounts();
        try
        {
            foreach (var mount in spec.Mounts)
                if (mount.Ids is { } ids)
                    all._owners[mount] = ids.Maps is { } maps ? all.Own(launcher, spec.Sandbox.Name, maps) : made.User ?? all.Joined(spec);
            return all;
        }
        catch
        {
            all.Dispose();
            throw;
        }
    }

    /// <summary>Null where its files have the owners that they have.</summary>
    public SafeHandle? Of(RuntimeMount mount) => _owners.GetValueOrDefault(mount);

    public void Dispose() => _owned.ForEach(static o => o.Dispose());

    private SafeHandle Own(Launcher launcher, string name, IdMaps maps)
    {
        var namespaces = SandboxNamespaces.Make(launcher, new SandboxSpec
        {
            Name = name + " mount",
            Root = new RootSpec(RootKind.Host, null, false, false, null, null, []),
            Namespaces = new NamespaceSet { Net = NamespaceChoice.Host, User = NamespaceChoice.Private },
            IdMaps = maps,
            Command = [],
        });
        _owned.Add(namespaces);
        return namespaces.User!;
    }

    private Fd Joined(RuntimeSpec spec)
    {
        var opened = NamespaceFile.Open(spec.Sandbox.Namespaces.User.Path!);
        _owned.Add(opened);
        return opened;
    }
}
