using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>Sends requests that change something, many a send, and pairs each with its acknowledgement. For one thread at a time.</summary>
internal sealed class ChangeChannel(NetlinkSocket socket) : IDisposable
{
    private const int Protocol = 71; // EPROTO
    private const int NoBuffers = 105; // ENOBUFS
    // Deleting a thousand links by group takes about a second in the kernel; a loaded host needs room.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(60);
    // The kernel answers before send returns: what is not there a moment later was lost.
    private static readonly TimeSpan RestTime = TimeSpan.FromSeconds(1);

    private readonly byte[] _datagram = new byte[64 << 10];
    private uint _sequence;

    /// <summary>
    /// Sends the messages, all of which ask for an acknowledgement, in one system call. A refused message does not
    /// keep the kernel from taking the later ones.
    /// </summary>
    /// <returns>An answer for each message.</returns>
    /// <exception cref="KernelException">The batch could not be sent, or answers were lost (ETIMEDOUT).</exception>
    public NetlinkAnswer[] Exchange(NetlinkWriter batch)
    {
        var answers = new NetlinkAnswer[batch.Messages];
        var answered = new bool[batch.Messages];
        var first = _sequence + 1;
        batch.Number(first);
        _sequence += (uint)batch.Messages;
        socket.Send(batch.Written);
        var patience = AnswerTime;
        for (var left = answers.Length; left > 0;)
        {
            var messages = new NetlinkMessages(Receive(ref patience));
            while (messages.TryNext(out var message))
            {
                var index = message.Sequence - first;
                if (message.Type != MessageType.Error || message.Port != socket.Port || index >= answers.Length || answered[index])
                    continue; // what belongs to a batch whose answers were given up
                answers[index] = NetlinkAnswer.Parse(message);
                answered[index] = true;
                left--;
            }

            if (messages.Malformed)
                throw new KernelException(new KernelError("receive", "rtnetlink", null, Protocol, "the answer is not well formed"));
        }

        return answers;
    }

    // ENOBUFS says that the socket overflowed once. Sending again would meet what the first sending made; the answers
    // that did arrive are still to be had.
    private ReadOnlySpan<byte> Receive(ref TimeSpan patience)
    {
        try
        {
            return socket.Receive(_datagram, patience);
        }
        catch (KernelException overflow) when (overflow.Error.Errno == NoBuffers && patience != RestTime)
        {
            patience = RestTime;
            return socket.Receive(_datagram, patience);
        }
    }

    public void Dispose() => socket.Dispose();
}
