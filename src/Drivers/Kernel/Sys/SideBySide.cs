using System.Runtime.ExceptionServices;

namespace Provision.Kernel;

/// <summary>Reads many things on all processors.</summary>
public static class SideBySide
{
    // Below this many it costs more to share the work than to do it.
    private const int WorthSharing = 16;

    private static readonly ParallelOptions Processors = new() { MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, 8) };

    /// <summary>How many threads so many things are worth, for who makes threads of its own.</summary>
    public static int Threads(int items) => items < WorthSharing ? 1 : Processors.MaxDegreeOfParallelism;

    /// <summary>The results in the order of the items. What a reading throws is thrown as it is, the first of several.</summary>
    /// <param name="read">Must be safe for use from several threads.</param>
    public static TResult[] Select<T, TResult>(IReadOnlyList<T> items, Func<T, TResult> read)
    {
        var results = new TResult[items.Count];
        if (items.Count < WorthSharing)
        {
            for (var i = 0; i < results.Length; i++)
                results[i] = read(items[i]);
            return results;
        }

        ExceptionDispatchInfo? first = null;
        Parallel.For(0, results.Length, Processors, (i, loop) =>
        {
            try
            {
                results[i] = read(items[i]);
            }
            catch (Exception thrown)
            {
                Interlocked.CompareExchange(ref first, ExceptionDispatchInfo.Capture(thrown), null);
                loop.Stop();
            }
        });
        first?.Throw();
        return results;
    }
}
