using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>
/// The agent's main loop: one reader of one queue of signals, so that looks never overlap. Signals that came in
/// together are answered by one look at all their suspects.
/// </summary>
internal sealed class AgentService(AgentParts parts, AgentOptions options, TimeProvider time, ILogger<AgentService> log) : BackgroundService
{
    private readonly Channel<AgentSignal> _signals = Channel.CreateUnbounded<AgentSignal>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<string> _followed = new(StringComparer.Ordinal);

    protected override async Task ExecuteAsync(CancellationToken stopping)
    {
        // The host starts services one after the other: let it go on.
        await Task.Yield();
        using var watch = new ManifestWatch(options.Paths, _signals.Writer, time);
        var retries = new Retries(_signals.Writer, time);
        var background = Background(stopping).ToList();
        try
        {
            parts.Service.Alive();
            ReadManifests(retries);
            log.Started(options.Scope.Instance, options.Scope.Stack, parts.Loop.Desired.Ordered.Length);
            Look(null, [], retries, stopping);
            parts.Service.Ready();
            while (await _signals.Reader.WaitToReadAsync(stopping))
            {
                parts.Service.Alive();
                Answer(Drain(), retries, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // SIGTERM: an apply under way has been taken back, the rest stays as it is.
        }
        finally
        {
            parts.Service.Stopping();
            retries.StopAll();
            await Task.WhenAll(background).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            parts.StatusFile.Remove();
            log.Stopped();
        }
    }

    private IEnumerable<Task> Background(CancellationToken stopping)
    {
        yield return Tick(stopping);
        yield return parts.Service.RunWatchdog(() => _signals.Writer.TryWrite(new AgentSignal.Kernel(new KernelEvent("alive", "watchdog"))), stopping);
        foreach (var source in parts.Events)
            yield return Pump(source, stopping);
    }

    private async Task Tick(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(options.Resync, time);
        while (await timer.WaitForNextTickAsync(stopping))
            _signals.Writer.TryWrite(new AgentSignal.Resync());
    }

    private async Task Pump(IEventSource source, CancellationToken stopping)
    {
        var events = Channel.CreateUnbounded<KernelEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
        var running = source.Run(events.Writer, stopping);
        _ = running.ContinueWith(_ => events.Writer.TryComplete(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await foreach (var hint in events.Reader.ReadAllAsync(stopping))
            _signals.Writer.TryWrite(new AgentSignal.Kernel(hint));
        try
        {
            await running;
        }
        catch (Exception failed) when (failed is not OperationCanceledException)
        {
            // Without events the minute's look still keeps the host; say that it got slower.
            log.WorkFailed($"listening to {source.Table} events", failed.Message);
        }
    }

    private List<AgentSignal> Drain()
    {
        var signals = new List<AgentSignal>();
        while (_signals.Reader.TryRead(out var signal))
            signals.Add(signal);
        return signals;
    }

    private void Answer(List<AgentSignal> signals, Retries retries, CancellationToken stopping)
    {
        var everything = signals.Exists(static s => s is AgentSignal.Resync);
        if (everything || signals.Exists(static s => s is AgentSignal.Manifests))
            if (ReadManifests(retries))
            {
                everything = true;
                log.ManifestsTaken(parts.Loop.Desired.Ordered.Length);
            }

        var again = signals.OfType<AgentSignal.Retry>().ToList();
        var suspects = signals.OfType<AgentSignal.Kernel>().SelectMany(s => Suspects(s.Event)).Concat(again.Select(static r => r.Id)).ToHashSet();
        if (everything || suspects.Count > 0)
            Look(everything ? null : suspects, again, retries, stopping);
        foreach (var retry in again)
            retry.Answer.TrySetResult(!retries.Waiting.Contains(retry.Id));
    }

    private IEnumerable<ResourceId> Suspects(KernelEvent hint) => parts.Drivers.Drivers
        .Where(d => d.EventTable == hint.Table)
        .SelectMany(d => d.Suspects(hint, parts.Loop.Known, parts.Loop.Desired));

    private bool ReadManifests(Retries retries)
    {
        var set = parts.Manifests.Read(out var changed);
        if (!changed)
            return false;
        parts.Conditions.ManifestsRead(parts.Manifests.Errors);
        foreach (var error in parts.Manifests.Errors)
            log.ManifestError(error.Span.ToString(), error.Code, error.Message);
        if (set is not null)
        {
            retries.StopAll();
            parts.Loop.Take(set);
        }

        parts.StatusFile.Write(parts.Conditions.All);
        return set is not null;
    }

    private void Look(IReadOnlySet<ResourceId>? suspects, IReadOnlyList<AgentSignal.Retry> again, Retries retries, CancellationToken stopping)
    {
        var held = retries.Waiting.Except(again.Select(static r => r.Id)).ToHashSet();
        try
        {
            Tell(parts.Loop.Look(suspects, held, stopping), again, retries, stopping);
        }
        catch (Exception failed) when (failed is KernelException or IOException or Kernel.InstanceLockedException)
        {
            // The kernel could not be read, or another writer holds the instance: the next signal tries again.
            log.WorkFailed("a look at the kernel", failed.Message);
        }

        Follow();
        parts.StatusFile.Write(parts.Conditions.All);
    }

    private void Tell(LoopOutcome outcome, IReadOnlyList<AgentSignal.Retry> again, Retries retries, CancellationToken stopping)
    {
        foreach (var change in outcome.Changed)
            log.Changed(change);
        foreach (var problem in outcome.Problems)
            log.WorkFailed("planning", problem);
        foreach (var id in outcome.Contended)
            log.Contended(id.ToString());
        foreach (var (id, reason) in outcome.Refused)
        {
            log.Refused(id.ToString(), reason);
            parts.Conditions.Refused(id, reason);
            retries.Start(id, stopping);
        }

        foreach (var retry in again.Where(r => !outcome.Refused.ContainsKey(r.Id)))
        {
            parts.Conditions.Cleared(retry.Id);
            retries.Stop(retry.Id);
        }
    }

    // inotify wants to be told what to watch: whatever was seen in the last look.
    private void Follow()
    {
        var objects = parts.Loop.Known.Select(static k => k.Object).ToHashSet(StringComparer.Ordinal);
        if (_followed.SetEquals(objects))
            return;
        _followed.Clear();
        _followed.UnionWith(objects);
        foreach (var source in parts.Events)
        {
            var before = source.Limitation;
            source.Follow([.. parts.Loop.Known.Where(k => parts.Drivers.For(k.Id.Kind).EventTable == source.Table).Select(static k => k.Object)]);
            if (source.Limitation is { } limitation && limitation != before)
                log.WorkFailed($"listening to {source.Table} events", limitation);
        }
    }
}
