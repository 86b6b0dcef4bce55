using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>
/// The agent's main loop: one reader of one queue of signals, so that looks never overlap. Signals that came in
/// together are answered by one look at all their suspects.
/// </summary>
internal sealed class AgentService(AgentParts parts, AgentOptions options, TimeProvider time, ILogger<AgentService> log) : BackgroundService
{
    private static readonly TimeSpan LookAgainAfter = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan TrimAfter = TimeSpan.FromSeconds(1);
    private const long WorthTrimming = 8 << 20;

    private readonly Channel<AgentSignal> _signals = Channel.CreateUnbounded<AgentSignal>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<(string Object, string? Life)> _followed = [];
    private long _trimmed;

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        // The host starts services one after the other: let it go on.
        await Task.Yield();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var watch = new ManifestWatch(options.Paths, _signals.Writer, time);
        var retries = new Retries(_signals.Writer, time);
        var background = Background(ending.Token).ToList();
        try
        {
            parts.Service.Alive();
            ReadManifests(watch, retries);
            log.Started(options.Scope.Instance, options.Scope.Stack, parts.Loop.Desired.Ordered.Length);
            Look(null, [], retries, stopping);
            parts.Service.Ready();
            while (await Next(stopping))
            {
                parts.Service.Alive();
                Answer(Drain(), watch, retries, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // SIGTERM: an apply under way has been taken back, the rest stays as it is.
        }
        finally
        {
            parts.Service.Stopping();
            await ending.CancelAsync();
            retries.StopAll();
            await Task.WhenAll(background).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Guard("removing the status file", parts.StatusFile.Remove);
            log.Stopped();
        }
    }

    // Looks leave a heap many times what the agent keeps; the host's memory is for others. Given back when things are quiet.
    private async Task<bool> Next(CancellationToken stopping)
    {
        var next = _signals.Reader.WaitToReadAsync(stopping).AsTask();
        if (!next.IsCompleted && GC.GetTotalAllocatedBytes() - _trimmed > WorthTrimming
            && await Task.WhenAny(next, Task.Delay(TrimAfter, time, stopping)) != next)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            _trimmed = GC.GetTotalAllocatedBytes();
        }

        return await next;
    }

    private IEnumerable<Task> Background(CancellationToken ending)
    {
        yield return Tick(ending);
        yield return parts.Service.RunWatchdog(() => _signals.Writer.TryWrite(new AgentSignal.Alive()), ending);
        foreach (var source in parts.Events)
            yield return Pump(source, ending);
    }

    private async Task Tick(CancellationToken ending)
    {
        using var timer = new PeriodicTimer(options.Resync, time);
        while (await timer.WaitForNextTickAsync(ending))
            _signals.Writer.TryWrite(new AgentSignal.Resync());
    }

    private async Task Pump(IEventSource source, CancellationToken ending)
    {
        var events = Channel.CreateUnbounded<KernelEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var running = source.Run(events.Writer, ending);
        _ = running.ContinueWith(_ => events.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await foreach (var hint in events.Reader.ReadAllAsync(ending))
            _signals.Writer.TryWrite(new AgentSignal.Kernel(hint));
        try
        {
            await running;
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            // Without events the minute's look still keeps the host; say that it got slower.
            log.WorkFailed($"listening to {source.Table} events", failed.Message);
            parts.Conditions.General(AgentConditions.EventsLost, $"no {source.Table} events any more, only a look every {options.Resync.TotalSeconds:0} s: {failed.Message}");
        }
    }

    private List<AgentSignal> Drain()
    {
        var signals = new List<AgentSignal>();
        while (_signals.Reader.TryRead(out var signal))
            signals.Add(signal);
        return signals;
    }

    private void Answer(List<AgentSignal> signals, ManifestWatch watch, Retries retries, CancellationToken stopping)
    {
        var everything = signals.Exists(static s => s is AgentSignal.Resync or AgentSignal.Again { Suspects: null });
        if (signals.Exists(static s => s is AgentSignal.Resync or AgentSignal.Manifests) && ReadManifests(watch, retries))
        {
            everything = true;
            log.ManifestsTaken(parts.Loop.Desired.Ordered.Length);
        }

        var again = signals.OfType<AgentSignal.Retry>().ToList();
        var suspects = signals.OfType<AgentSignal.Kernel>().SelectMany(s => Suspects(s.Event))
            .Concat(signals.OfType<AgentSignal.Again>().SelectMany(static s => s.Suspects ?? new HashSet<ResourceId>()))
            .Concat(again.Select(static r => r.Id)).ToHashSet();
        if (everything || suspects.Count > 0)
            Look(everything ? null : suspects, again, retries, stopping);
        foreach (var retry in again)
            retry.Answer.TrySetResult(!retries.Waiting.Contains(retry.Id));
    }

    private IEnumerable<ResourceId> Suspects(KernelEvent hint) => parts.Drivers.Drivers
        .Where(d => d.EventTables.Contains(hint.Table))
        .SelectMany(d => d.Suspects(hint, parts.Loop.Known, parts.Loop.Desired));

    /// <summary>True when there is a new set to bring about.</summary>
    private bool ReadManifests(ManifestWatch watch, Retries retries)
    {
        watch.Follow(parts.Manifests.Named);
        var set = parts.Manifests.Read(out var changed);
        watch.Follow(parts.Manifests.Named);
        if (!changed)
            return false;
        var errors = parts.Manifests.Errors;
        foreach (var error in errors)
            log.ManifestError(error.Span.ToString(), error.Code, error.Message);
        parts.Conditions.General(AgentConditions.ManifestsInvalid, errors.Count == 0
            ? null
            : $"{errors.Count} error(s), the first at {errors[0].Span}: {errors[0].Message}; the last good set is kept");
        if (set is not null)
        {
            retries.StopAll();
            parts.Loop.Take(set);
        }

        WriteStatus();
        return set is not null;
    }

    // Whatever goes wrong in one look, the agent lives on and looks again: a host without its keeper is worse.
    private void Look(IReadOnlySet<ResourceId>? suspects, IReadOnlyList<AgentSignal.Retry> again, Retries retries, CancellationToken stopping)
    {
        var held = retries.Waiting.Except(again.Select(static r => r.Id)).ToHashSet();
        var finished = Guard("a look at the kernel", () =>
        {
            var outcome = parts.Loop.Look(suspects, held, stopping);
            Tell(outcome, again, retries, stopping);
            if (suspects is null)
                parts.Conditions.OnlyRefused(outcome.Refused.Keys.Concat(held));
            if (suspects is null || outcome.Changed.Count > 0)
                parts.Record(parts.Loop);
        });
        if (!finished)
            LookAgain(suspects, stopping);
        Guard("following objects", Follow);
        WriteStatus();
    }

    private void LookAgain(IReadOnlySet<ResourceId>? suspects, CancellationToken stopping) =>
        _ = Task.Delay(LookAgainAfter, time, stopping).ContinueWith(
            _ => _signals.Writer.TryWrite(new AgentSignal.Again(suspects)),
            stopping, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    private void Tell(LoopOutcome outcome, IReadOnlyList<AgentSignal.Retry> again, Retries retries, CancellationToken stopping)
    {
        foreach (var change in outcome.Changed)
            log.Changed(change);
        foreach (var problem in outcome.Problems)
            log.WorkFailed("a repair", problem);
        parts.Conditions.General(AgentConditions.PlanFailed, outcome.Problems.Count == 0 ? null : string.Join("; ", outcome.Problems));
        foreach (var id in outcome.Contended)
            log.Contended(id.ToString());
        foreach (var (id, reason) in outcome.Refused)
        {
            log.Refused(id.ToString(), reason);
            parts.Conditions.Refused(id, reason);
            // What no manifest names (an orphan that will not go) is tried again by the next look at everything.
            if (parts.Loop.Desired.Find(id) is not null)
                retries.Start(id, stopping);
        }

        foreach (var retry in again.Where(r => !outcome.Refused.ContainsKey(r.Id)))
        {
            parts.Conditions.Cleared(retry.Id);
            retries.Stop(retry.Id);
        }
    }

    // inotify and containers' sockets want to be told what to watch: whatever was seen in the last look. The source then
    // hints at what is newly watched, since a change before its watch stood would go unseen.
    private void Follow()
    {
        var objects = parts.Loop.Known.Select(static k => (k.Object, k.Life)).ToHashSet();
        if (_followed.SetEquals(objects))
            return;
        _followed.Clear();
        _followed.UnionWith(objects);
        foreach (var source in parts.Events)
        {
            var before = source.Limitation;
            source.Follow([.. parts.Loop.Known.Where(k => parts.Drivers.For(k.Id.Kind).EventTables.Contains(source.Table)).Select(static k => k.Object)]);
            if (source.Limitation is { } limitation && limitation != before)
            {
                log.WorkFailed($"listening to {source.Table} events", limitation);
                parts.Conditions.General(AgentConditions.EventsLost, limitation);
            }
        }
    }

    private void WriteStatus() => Guard("writing the status file", () => parts.StatusFile.Write(parts.Conditions.All));

    /// <summary>Runs a piece of work whose failure must not end the agent; false when it failed.</summary>
    private bool Guard(string work, Action action)
    {
        try
        {
            action();
            return true;
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            log.WorkFailed(work, failed is KernelException or InstanceLockedException or IOException
                ? failed.Message
                : $"{failed.GetType().Name}: {failed.Message}");
            return false;
        }
    }
}
