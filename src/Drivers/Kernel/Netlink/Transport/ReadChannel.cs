using System.Diagnostics;
using Polly;
using Polly.Retry;
using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>What is done with each message of an answer; payload after the header.</summary>
internal delegate void MessageHandler(ushort type, ReadOnlySpan<byte> payload);

/// <summary>Sends <see cref="ReadRequest"/>s, and nothing else, and hands the answers on. For one thread at a time.</summary>
/// <param name="buffer">Of <see cref="BufferSize"/> bytes, to be shared by channels that the same thread uses; null makes one.</param>
internal sealed class ReadChannel(NetlinkSocket socket, byte[]? buffer = null) : IDisposable
{
    /// <summary>More than any datagram the kernel makes for a dump (32 KiB) or for one link with many VFs.</summary>
    public const int BufferSize = 256 << 10;

    private const int GetsASend = 50;
    private const int TryAgain = 11; // EAGAIN
    private const int NoBufferSpace = 105; // ENOBUFS
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);

    // A busy host interrupts some dumps, a slow one most: time is the bound, not tries.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly ResiliencePropertyKey<long> Begun = new("begun");

    // False is a dump that a change interrupted.
    private static readonly ResiliencePipeline<bool> HoldStill = new ResiliencePipelineBuilder<bool>()
        .AddRetry(new RetryStrategyOptions<bool>
        {
            ShouldHandle = static attempt => ValueTask.FromResult(
                Stopwatch.GetElapsedTime(attempt.Context.Properties.GetValue(Begun, 0)) < Patience && attempt.Outcome switch
                {
                    { Exception: KernelException lost } => lost.Error.Errno == NoBufferSpace,
                    { Exception: not null } => false,
                    { Result: var whole } => !whole,
                }),
            MaxRetryAttempts = int.MaxValue,
            Delay = TimeSpan.FromMilliseconds(1),
            MaxDelay = TimeSpan.FromMilliseconds(64),
            BackoffType = DelayBackoffType.Exponential,
        })
        .Build();

    private readonly byte[] _datagram = buffer ?? new byte[BufferSize];
    private readonly Lazy<NetlinkWriter> _batch = new(static () => new NetlinkWriter(), isThreadSafe: false);
    private uint _sequence;

    /// <summary>
    /// A whole table. A dump that was interrupted by a change is thrown away and taken again, for a quarter of a minute.
    /// </summary>
    /// <param name="begin">Called before every attempt: forget what the last one gave.</param>
    /// <exception cref="KernelException">The kernel refuses, or never holds still (EAGAIN).</exception>
    public void Dump(ReadRequest request, Action begin, MessageHandler handler)
    {
        var context = ResilienceContextPool.Shared.Get();
        context.Properties.Set(Begun, Stopwatch.GetTimestamp());
        var whole = HoldStill.Execute(
            _ =>
            {
                begin();
                return TryDump(request, handler);
            },
            context);
        ResilienceContextPool.Shared.Return(context);
        if (!whole)
            throw new KernelException(new KernelError(request.Name, "rtnetlink", null, TryAgain, $"the table changed during every dump for {Patience.TotalSeconds:0} s"));
    }

    /// <summary>Single objects, fifty a send. What does not exist is told by its errno.</summary>
    /// <returns>An errno for each request, 0 where <paramref name="handler"/> got the object.</returns>
    public int[] Get(IReadOnlyList<ReadRequest> requests, MessageHandler handler)
    {
        var answers = new int[requests.Count];
        for (var at = 0; at < requests.Count; at += GetsASend)
            GetSome(requests, at, Math.Min(GetsASend, requests.Count - at), answers, handler);
        return answers;
    }

    public void Dispose() => socket.Dispose();

    private bool TryDump(ReadRequest request, MessageHandler handler)
    {
        var sequence = ++_sequence;
        socket.Send(request.Bytes(sequence));
        var whole = true;
        while (true)
        {
            var messages = new NetlinkMessages(socket.Receive(_datagram, AnswerTime));
            while (messages.TryNext(out var message))
            {
                if (message.Sequence != sequence || message.Port != socket.Port)
                    continue; // the rest of a dump that was given up
                whole &= (message.Flags & MessageFlags.DumpInterrupted) == 0;
                if (message.Type is MessageType.Done or MessageType.Error)
                {
                    var answer = NetlinkAnswer.Parse(message);
                    return answer.Errno == 0 ? whole : throw Failed(request, answer);
                }

                handler(message.Type, message.Payload);
            }

            ThrowIfMalformed(messages, request.Name);
        }
    }

    private void GetSome(IReadOnlyList<ReadRequest> requests, int start, int count, int[] answers, MessageHandler handler)
    {
        var first = _sequence + 1;
        var batch = _batch.Value;
        batch.Clear();
        for (var i = 0; i < count; i++)
            batch.Append(requests[start + i].Bytes(++_sequence));
        socket.Send(batch.Written);
        for (var left = count; left > 0;)
        {
            var messages = new NetlinkMessages(socket.Receive(_datagram, AnswerTime));
            while (messages.TryNext(out var message))
            {
                var index = message.Sequence - first;
                if (index >= count || message.Port != socket.Port)
                    continue;
                left--;
                if (message.Type == MessageType.Error)
                    answers[start + index] = NetlinkAnswer.Parse(message).Errno;
                else
                    handler(message.Type, message.Payload);
            }

            ThrowIfMalformed(messages, "RTM_GET");
        }
    }

    private static void ThrowIfMalformed(in NetlinkMessages messages, string request)
    {
        if (messages.Malformed)
            throw new KernelException(new KernelError(request, "rtnetlink", null, 71, "the answer is not well formed"));
    }

    private static KernelException Failed(ReadRequest request, NetlinkAnswer answer) =>
        new(new KernelError(request.Name, "rtnetlink", null, answer.Errno, answer.Message));
}
