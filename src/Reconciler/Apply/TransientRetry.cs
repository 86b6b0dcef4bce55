using Polly;
using Polly.Retry;

namespace Provision.Reconciler;

/// <summary>
/// Repeats operations that the kernel refused for the moment: EINTR, EAGAIN, EBUSY, ENOBUFS. Never EINVAL or EPERM.
/// </summary>
internal sealed class TransientRetry
{
    private static readonly int[] Transient = [4, 11, 16, 105];

    private readonly ResiliencePipeline<List<int>> _pipeline;

    public TransientRetry(TimeProvider time) => _pipeline = new ResiliencePipelineBuilder<List<int>> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<List<int>>
        {
            ShouldHandle = static attempt => ValueTask.FromResult(attempt.Outcome.Result is { Count: > 0 }),
            MaxRetryAttempts = 6,
            Delay = TimeSpan.FromMilliseconds(10),
            BackoffType = DelayBackoffType.Exponential,
        })
        .Build();

    /// <summary>Executes a batch; what failed for the moment is tried again, up to about 0.6 s in all.</summary>
    public KernelError?[] Execute(
        IReadOnlyList<Operation> batch, Func<IReadOnlyList<Operation>, IReadOnlyList<KernelError?>> execute)
    {
        var errors = new KernelError?[batch.Count];
        var pending = Enumerable.Range(0, batch.Count).ToList();
        _pipeline.Execute(
            _ =>
            {
                var results = execute([.. pending.Select(i => batch[i])]);
                for (var i = 0; i < results.Count; i++)
                    // What an earlier attempt had begun stays begun, however a later one ends.
                    errors[pending[i]] = results[i] is { } error && errors[pending[i]] is { Halfway: true } ? error with { Halfway = true } : results[i];
                pending = pending.FindAll(i => errors[i] is { } e && Transient.Contains(e.Errno));
                return pending;
            },
            // A user's interrupt ends the run between batches; a batch under way is finished.
            CancellationToken.None);
        return errors;
    }
}
