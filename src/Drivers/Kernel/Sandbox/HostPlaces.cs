using Provision.Reconciler;

namespace Provision.Kernel.Sandbox;

/// <summary>What a specification names of the host's files: roots and sources of bind mounts, opened as they are cloned.</summary>
public static unsafe class HostPlaces
{
    private const long OpenAt2Number = 437;

    /// <summary>Why a container cannot have what its specification names, with the path in <see cref="KernelError.Object"/>; null when it can. Reads only.</summary>
    public static KernelError? Problem(SandboxSpec spec)
    {
        try
        {
            if (spec.Root.Directory is not null)
                OpenRoot(spec.Root).Dispose();
            foreach (var mount in spec.Mounts)
                if (mount.Kind == MountKind.Bind)
                    OpenSource(mount).Dispose();
            return null;
        }
        catch (KernelException refused)
        {
            // Who may not look cannot tell.
            return refused.Error.Errno == Errno.EACCES && Libc.geteuid() != 0 ? null : refused.Error;
        }
    }

    /// <summary>An O_PATH descriptor of the root's directory.</summary>
    /// <exception cref="KernelException">It is not there, or not for containers.</exception>
    internal static Fd OpenRoot(RootSpec root) => Open(root.Directory!, recursive: !root.Overlay, writable: !root.Overlay && !root.ReadOnly);

    /// <summary>An O_PATH descriptor of a bind mount's source.</summary>
    /// <exception cref="KernelException">It is not there, or not for containers.</exception>
    internal static Fd OpenSource(MountSpec mount) => Open(mount.Source!, recursive: true, writable: !mount.ReadOnly);

    // A magic link (/proc/PID/root, /proc/PID/fd/N) leads to what no path of this host says.
    private static Fd Open(string path, bool recursive, bool writable)
    {
        var how = (Libc.OpenHow*)OpenWays.Place;
        long number;
        do
            number = Libc.openat2(OpenAt2Number, Libc.AT_FDCWD, path, how, sizeof(Libc.OpenHow));
        while (number < 0 && Sys.LastError is Errno.EINTR or Errno.EAGAIN);
        if (number < 0)
            throw Sys.Failure("open", path, Sys.LastError, detail: Sys.LastError == Errno.ELOOP ? "a link of /proc that leads out of what paths say is not followed" : null);
        var place = new Fd((int)number);
        if (OwnPlaces.Refusal(place, path, recursive, writable) is not { } refused)
            return place;
        place.Dispose();
        throw new KernelException(refused);
    }
}
