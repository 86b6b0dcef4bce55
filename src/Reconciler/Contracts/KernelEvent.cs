using System.Threading.Channels;

namespace Provision.Reconciler;

/// <summary>
/// A hint that something in the kernel moved. Never the truth: the answer to it is a fresh look at the suspects.
/// </summary>
/// <param name="Table">What moved: <see cref="Links"/>, <see cref="Cgroups"/>, <see cref="Networks"/> or <see cref="Selinux"/>.</param>
/// <param name="Object">The object's name (link name, cgroup path); empty when events were lost and all of the
/// table is suspect.</param>
/// <param name="Related">A second object that it concerns (a port's bridge); null when there is none.</param>
public sealed record KernelEvent(string Table, string Object, string? Related = null)
{
    public const string Links = "link";
    public const string Cgroups = "cgroup";

    /// <summary>SELinux's mode and its loaded policy; there is one of each, and so one object.</summary>
    public const string Selinux = "selinux";

    /// <summary>The links, addresses and routes inside a container; its object is the container's own cgroup.</summary>
    public const string Networks = "network";

    /// <summary>Events of the table were lost.</summary>
    public bool Overflow => Object.Length == 0;
}

/// <summary>Where kernel events come from. The implementations live in Kernel/.</summary>
public interface IEventSource : IDisposable
{
    /// <summary>The table that this source tells about.</summary>
    string Table { get; }

    /// <summary>Sets the objects to be told about, where the kernel wants them named (inotify); others ignore it.</summary>
    void Follow(IReadOnlyCollection<string> objects);

    /// <summary>What the source cannot see for want of something that the host can give; null when it sees all.</summary>
    string? Limitation => null;

    /// <summary>Writes events until cancelled. Subscribed before the constructor returned, so nothing after it is missed.</summary>
    Task Run(ChannelWriter<KernelEvent> events, CancellationToken cancel);
}
