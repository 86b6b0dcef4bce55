using Provision.Drivers.Container;
using Provision.Reconciler;

namespace Provision.Drivers;

/// <summary>A link of a container that comes to a Bridge, or stays with another MTU.</summary>
/// <param name="Bridge">Name of the Bridge resource.</param>
/// <param name="Mtu">Bytes; null: what the bridge has at that moment.</param>
internal sealed record Plug(string Bridge, long? Mtu);

/// <summary>What a change of a container does to the ports of bridges.</summary>
internal static class ContainerPlugs
{
    public const string Kind = ContainerSchema.Kind;

    /// <summary>The names of its links on the host that go, or of which <see cref="Coming"/> tells.</summary>
    public static IEnumerable<string> Leaving(ChangeRequest change) =>
        Links(change).Where(l => !Stays(change, l.Name)).Select(static l => l.HostEnd).OfType<string>();

    public static IEnumerable<Plug> Coming(ChangeRequest change)
    {
        if (!Runs(change))
            return [];
        return change.Desired!.Objects(NetworkFields.Networks)
            .Where(n => !Stays(change, n.Text(NetworkFields.Interface)!))
            .Select(n => new Plug(
                n.Text(NetworkFields.Bridge)!,
                n.Number(NetworkFields.Mtu) ?? (IsMadeAnew(change) ? null : Link(change, n.Text(NetworkFields.Interface)!)?.HostMtu)));
    }

    // Nobody told it another MTU, and it stays where it is.
    private static bool Stays(ChangeRequest change, string name) =>
        Runs(change) && !IsMadeAnew(change) && Link(change, name) is not null
        && change.Desired!.Objects(NetworkFields.Networks).Any(n => n.Text(NetworkFields.Interface) == name)
        && !change.Fields.Any(f => f.Path.Root == NetworkFields.Networks && f.Path.Keys[0] == name && (f.Path.IsItem || f.Path.Field == NetworkFields.Mtu || f.Path.Field == NetworkFields.Bridge));

    private static bool IsMadeAnew(ChangeRequest change) => change.Action != ChangeAction.Update || State(change)?.Container.IsRunning != true;

    // An update starts what does not run only where that is what differs.
    private static bool Runs(ChangeRequest change) =>
        change.Desired is { } desired && desired.Flag(ContainerFields.Running) != false
        && (change.Action != ChangeAction.Update || State(change)?.Container.IsRunning == true || change.Fields.Any(static f => f.Path.Root == ContainerFields.Running));

    private static Kernel.Containers.LiveInterface? Link(ChangeRequest change, string name) => Links(change).FirstOrDefault(l => l.Name == name);

    private static IEnumerable<Kernel.Containers.LiveInterface> Links(ChangeRequest change) => State(change)?.Container.Interfaces.Values ?? [];

    private static ContainerState? State(ChangeRequest change) => change.Live?.State as ContainerState;
}
