using Provision.Kernel.Logs;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Carries out what callers ask for.</summary>
internal sealed class Verbs(Supervisor supervisor, SupervisorContext context, Dictionary<string, Keeper> keepers)
{
    public void Asked(Conversation caller, Request request)
    {
        void Answer(KernelError? error) => caller.Answer(supervisor.Hello() with
        {
            Error = error is null ? null : WireError.Of(error),
            Ending = keepers.Count == 0,
        });

        try
        {
            switch (request.Verb)
            {
                case Verb.Hello:
                    Answer(null);
                    break;
                case Verb.Status:
                    caller.Answer(supervisor.Hello() with { Containers = [.. keepers.Values.Select(static k => k.Status)] });
                    break;
                case Verb.Start when request.Order is { } order:
                    Take(order, Answer);
                    break;
                case Verb.Start when Known(request) is { } keeper:
                    keeper.Start(Answer);
                    break;
                case Verb.Restart when Known(request) is { } keeper:
                    keeper.Restart(Answer);
                    break;
                case Verb.Stop:
                    Stop(request, Answer);
                    break;
                case Verb.Remove:
                    Remove(request, Answer);
                    break;
                case Verb.Update when Known(request) is { } keeper && request is { Part: { } part, Order: { } from }:
                    Answer(keeper.Update(part, from));
                    break;
                case Verb.SetInterface when Known(request) is { } keeper && request.Attachment is { } attachment:
                    keeper.ChangeInterface(attachment.Interface, attachment, Answer);
                    break;
                case Verb.RemoveInterface when Known(request) is { } keeper && request.Interface is { } name:
                    keeper.ChangeInterface(name, null, Answer);
                    break;
                case Verb.Upgrade when supervisor.Successor is not null:
                    Answer(new KernelError("upgrade", context.Paths.Instance, null, Errno.EBUSY, "it is under way"));
                    break;
                case Verb.Upgrade:
                    supervisor.Successor = (caller, ProgramFile.Copy($"/proc/{caller.PeerPid}/exe"));
                    break;
                default:
                    Answer(Unanswerable(request));
                    break;
            }
        }
        catch (KernelException refused)
        {
            Answer(refused.Error);
        }
    }

    private Keeper? Known(Request request) => request.Name is { } name ? keepers.GetValueOrDefault(name) : null;

    private KernelError Unanswerable(Request request) => request.Name is { } name && !keepers.ContainsKey(name)
        ? new KernelError(request.Verb.ToString().ToLowerInvariant(), name, null, Errno.ENOENT, "this supervisor keeps no container of that name")
        : new KernelError(request.Verb.ToString().ToLowerInvariant(), request.Name ?? "", null, Errno.EINVAL, "the request lacks what it is about");

    private void Take(ContainerOrder order, Action<KernelError?> answer)
    {
        if (Flaw(order) is { } flaw)
        {
            answer(flaw);
            return;
        }

        supervisor.Enter();
        var fresh = !keepers.TryGetValue(order.Name, out var keeper);
        if (!fresh && keeper!.Busy)
        {
            keeper.Start(answer);
            return;
        }

        keeper?.Release();
        keeper = new Keeper(context, order);
        try
        {
            keeper.Persist();
        }
        catch (KernelException)
        {
            if (fresh)
                File.Delete(context.Paths.Order(order.Name));
            throw;
        }

        keepers[order.Name] = keeper;
        if (!order.Running)
        {
            answer(null);
            return;
        }

        keeper.Start(error =>
        {
            // A start that failed has changed nothing.
            if (error is not null && fresh)
                Forget(keeper);
            answer(error);
        });
    }

    private static KernelError? Flaw(ContainerOrder order)
    {
        KernelError Invalid(string detail) => new("start", order.Name, null, Errno.EINVAL, detail);
        if (order.Name.Length is 0 or > 63 || !order.Name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.')
            || !char.IsAsciiLetterOrDigit(order.Name[0]) || !char.IsAsciiLetterOrDigit(order.Name[^1]) || order.Name.Contains("..", StringComparison.Ordinal))
            return Invalid("no name of a container");
        if (!order.Cgroup.EndsWith($"/{order.Name}{Containers.IContainerReader.Suffix}", StringComparison.Ordinal) || order.Cgroup.Split('/').Contains(".."))
            return Invalid($"its leaf cgroup must be called {order.Name}{Containers.IContainerReader.Suffix}");
        if (order.Logging.MaxSize < 4096 || order.Logging.MaxFiles < 1)
            return Invalid("a log has files of at least 4096 bytes, and at least one");
        return order.Stop.Signal is < 1 or > 64 ? Invalid($"{order.Stop.Signal} is no signal") : null;
    }

    private void Stop(Request request, Action<KernelError?> answer)
    {
        if (Known(request) is { } keeper)
            keeper.Stop(answer);
        else if (Orphan(request) is { } orphan)
            orphan.Stop(error =>
            {
                keepers.Remove(orphan.Order.Name);
                answer(error);
            });
        else
            answer(Unanswerable(request));
    }

    private void Remove(Request request, Action<KernelError?> answer)
    {
        var keeper = Known(request) ?? Orphan(request);
        if (keeper is null)
        {
            answer(Unanswerable(request));
            return;
        }

        keeper.Stop(_ => Remove(keeper, request.KeepLogs == true, answer));
    }

    private void Remove(Keeper keeper, bool keepLogs, Action<KernelError?> answer)
    {
        var order = keeper.Order;
        context.Work.Post(
            () => new CleanedUp(context.Launcher.CleanUp(order)),
            (result, thrown) =>
            {
                if (result?.Error is { } left)
                    context.Note($"{order.Name}: {left}");
                else if (thrown is not null)
                    context.Note($"{order.Name}: {thrown.Message}");
                Forget(keeper);
                if (!keepLogs)
                    LogFolder.Remove(context.Paths.LogOf(order.Name));
                answer(result?.Error);
            });
    }

    private void Forget(Keeper keeper)
    {
        var name = keeper.Order.Name;
        keeper.Release();
        if (keepers.GetValueOrDefault(name) == keeper)
            keepers.Remove(name);
        // While a container is still known, so that whoever finds it finds this too.
        if (keepers.Count == 0)
            context.Store.Close();
        File.Delete(context.Paths.Order(name));
        File.Delete(context.Paths.Fifo(name));
        new LeafCgroup(context.Cgroups, keeper.Order.Cgroup).RemoveRun();
        if (keepers.Count == 0)
            supervisor.Emptied();
    }

    // A leaf that nobody ever ordered anything into, or whose order was lost: what runs in it can still be ended.
    private Keeper? Orphan(Request request)
    {
        if (request is not { Name: { } name, Cgroup: { } cgroup } || !cgroup.EndsWith($"/{name}{Containers.IContainerReader.Suffix}", StringComparison.Ordinal))
            return null;
        var keeper = new Keeper(context, Adoption.Unknown(name, cgroup));
        keepers.Add(name, keeper);
        return keeper;
    }

    private sealed record CleanedUp(KernelError? Error);
}
