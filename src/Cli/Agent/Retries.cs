using System.Threading.Channels;
using Polly;
using Polly.Retry;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>
/// Tries what refused again, after a second, then twice as long each time up to a minute; meanwhile events about
/// it are not acted on, since its own failures cause some.
/// </summary>
internal sealed class Retries
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly ChannelWriter<AgentSignal> _signals;
    private readonly TimeProvider _time;
    private readonly ResiliencePipeline<bool> _pipeline;
    private readonly Dictionary<ResourceId, CancellationTokenSource> _waiting = [];

    public Retries(ChannelWriter<AgentSignal> signals, TimeProvider time)
    {
        _signals = signals;
        _time = time;
        _pipeline = new ResiliencePipelineBuilder<bool> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<bool>
            {
                ShouldHandle = static attempt => ValueTask.FromResult(attempt.Outcome is { Exception: null, Result: false }),
                MaxRetryAttempts = int.MaxValue,
                Delay = First * 2,
                MaxDelay = Longest,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .Build();
    }

    /// <summary>The resources that wait for their next try.</summary>
    public IReadOnlySet<ResourceId> Waiting => _waiting.Keys.ToHashSet();

    /// <summary>Starts to try again, unless that is under way.</summary>
    public void Start(ResourceId id, CancellationToken stopping)
    {
        if (_waiting.ContainsKey(id))
            return;
        var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        _waiting.Add(id, stop);
        _ = Run(id, stop.Token);
    }

    /// <summary>It went well, or the manifests changed: no more tries.</summary>
    public void Stop(ResourceId id)
    {
        if (!_waiting.Remove(id, out var stop))
            return;
        stop.Cancel();
        stop.Dispose();
    }

    public void StopAll()
    {
        foreach (var id in _waiting.Keys.ToList())
            Stop(id);
    }

    private async Task Run(ResourceId id, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(First, _time, cancel);
            await _pipeline.ExecuteAsync(async token => await Ask(id, token), cancel);
        }
        catch (OperationCanceledException)
        {
            // Stopped: the answer is no longer wanted.
        }
    }

    private async Task<bool> Ask(ResourceId id, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        await _signals.WriteAsync(new AgentSignal.Retry(id, answer), cancel);
        return await answer.Task.WaitAsync(cancel);
    }
}
