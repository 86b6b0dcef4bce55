using Provision.Kernel.Logs;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Carries out what callers ask for.</summary>
internal sealed class Verbs(Supervisor supervisor, SupervisorContext context, Dictionary<string, Keeper> keepers)
{
    private bool _checking;

    public void Asked(Conversation caller, Request request)
    {
        var answered = false;
        // Once: what fails after it was answered must not answer the next request.
        void Respond(Response response)
        {
            if (!answered)
                caller.Answer(response);
            answered = true;
        }

        void Answer(KernelError? error) => Respond(supervisor.Hello() with
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
                    Respond(supervisor.Hello() with { Containers = [.. keepers.Values.Select(static k => k.Status)] });
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
                case Verb.Update when Standing(request) is { } keeper && request is { Part: { } part, Order: { } from }:
                    Answer(OrderCheck.Flaw(from) ?? keeper.Update(part, from));
                    break;
                case Verb.SetInterface when Standing(request) is { } keeper && request.Attachment is { } attachment:
                    keeper.ChangeInterface(attachment.Interface, attachment, Answer);
                    break;
                case Verb.RemoveInterface when Standing(request) is { } keeper && request.Interface is { } name:
                    keeper.ChangeInterface(name, null, Answer);
                    break;
                case Verb.Upgrade when supervisor.Successor is not null || _checking:
                    Answer(new KernelError("upgrade", context.Paths.Instance, null, Errno.EBUSY, "it is under way"));
                    break;
                case Verb.Upgrade:
                    Upgrade(caller, Answer);
                    break;
                default:
                    Answer(Unanswerable(request));
                    break;
            }
        }
        catch (Exception failed)
        {
            // One caller's mistake must not end the keeping of all containers.
            Answer(ErrorOf(failed, request));
        }
    }

    private KernelError ErrorOf(Exception failed, Request request)
    {
        if (failed is KernelException refused)
            return refused.Error;
        context.Note(failed.ToString());
        return new KernelError(request.Verb.ToString().ToLowerInvariant(), request.Name ?? "", null, Errno.EIO, failed.Message);
    }

    // The successor is asked whether it can read what it would be left, before there is no way back.
    private void Upgrade(Conversation caller, Action<KernelError?> answer)
    {
        using var passed = caller.TakePassed();
        if (passed is null)
        {
            answer(new KernelError("upgrade", context.Paths.Instance, null, Errno.EINVAL, "the request came without a program"));
            return;
        }

        var program = ProgramFile.Copy(passed);
        var state = supervisor.Handover(out _);
        _checking = true;
        context.Work.Post(
            () => new Outcome(SuccessorCheck.Run(program, context.Paths.Instance, state)),
            (result, thrown) =>
            {
                _checking = false;
                if (thrown is null && result!.Error is null)
                {
                    supervisor.Successor = (caller, program);
                    return;
                }

                program.Dispose();
                answer(result?.Error ?? (thrown as KernelException)?.Error ?? new KernelError("upgrade", context.Paths.Instance, null, Errno.EIO, thrown?.Message));
            });
    }

    private Keeper? Standing(Request request) => Known(request) is { Removing: false } keeper ? keeper : null;

    private Keeper? Known(Request request) => request.Name is { } name ? keepers.GetValueOrDefault(name) : null;

    private KernelError Unanswerable(Request request) => Known(request) is { Removing: true }
        ? new KernelError(request.Verb.ToString().ToLowerInvariant(), request.Name!, null, Errno.EBUSY, "it is being removed")
        : request.Name is { } name && !keepers.ContainsKey(name)
        ? new KernelError(request.Verb.ToString().ToLowerInvariant(), name, null, Errno.ENOENT, "this supervisor keeps no container of that name")
        : new KernelError(request.Verb.ToString().ToLowerInvariant(), request.Name ?? "", null, Errno.EINVAL, "the request lacks what it is about");

    private void Take(ContainerOrder order, Action<KernelError?> answer)
    {
        if (OrderCheck.Flaw(order) is { } flaw)
        {
            answer(flaw);
            return;
        }

        supervisor.Enter();
        var fresh = !keepers.TryGetValue(order.Name, out var keeper);
        if (!fresh && (keeper!.Busy || keeper.Removing))
        {
            keeper.Start(answer);
            return;
        }

        if (fresh && new LeafCgroup(context.Cgroups, order.Cgroup).Populated)
        {
            answer(new KernelError("start", order.Name, null, Errno.EBUSY, "processes that this supervisor does not know run in its cgroup; remove or stop it first"));
            return;
        }

        var before = keeper;
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

        keeper.TakeLog(before);
        before?.Release();
        keepers[order.Name] = keeper;
        if (!order.Running)
        {
            answer(null);
            return;
        }

        keeper.Start(error =>
        {
            // A start that failed has changed nothing; a removal under way forgets by itself.
            if (error is not null && fresh && !keeper.Removing)
                Forget(keeper);
            answer(error);
        });
    }

    private void Stop(Request request, Action<KernelError?> answer)
    {
        if (Known(request) is { } keeper)
            keeper.Stop(answer);
        else if (Orphan(request) is { } orphan)
            orphan.Stop(error =>
            {
                if (keepers.GetValueOrDefault(orphan.Order.Name) == orphan && !orphan.Removing)
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

        keeper.OnRemoved(answer);
        if (keeper.Removing)
            return;
        keeper.Removing = true;
        keeper.Stop(left =>
        {
            if (left is null)
            {
                CleanUp(keeper, request.KeepLogs == true);
                return;
            }

            keeper.Removing = false;
            keeper.Removed(left);
        });
    }

    private void CleanUp(Keeper keeper, bool keepLogs)
    {
        var order = keeper.Order;
        context.Work.Post(
            () => new Outcome(context.Launcher.CleanUp(order)),
            (result, thrown) =>
            {
                var error = result?.Error ?? (thrown is null ? null : ErrorOf(thrown, new Request { Verb = Verb.Remove, Name = order.Name }));
                if (error is not null)
                    context.Note($"{order.Name}: {error}");
                try
                {
                    Forget(keeper);
                    if (!keepLogs)
                        LogFolder.Remove(context.Paths.LogOf(order.Name));
                }
                catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or KernelException)
                {
                    context.Note($"{order.Name}: {refused.Message}");
                    error ??= new KernelError("remove", order.Name, null, Errno.EIO, refused.Message);
                }

                keeper.Removed(error);
            });
    }

    private void Forget(Keeper keeper)
    {
        var name = keeper.Order.Name;
        keeper.Release();
        // Another may have its name by now, and the files with it.
        if (keepers.GetValueOrDefault(name) != keeper)
            return;
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

    private sealed record Outcome(KernelError? Error);
}
