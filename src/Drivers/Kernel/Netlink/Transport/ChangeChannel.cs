using Provision.Reconciler;

namespace Provision.Kernel.Netlink;

/// <summary>Sends requests that change something, many a send, and pairs each with its acknowledgement. For one thread at a time.</summary>
/// <param name="buffer">Of at least 64 KiB, to be shared by channels that the same thread uses; null makes one.</param>
internal sealed class ChangeChannel(NetlinkSocket socket, byte[]? buffer = null) : IDisposable
{
    private const int Protocol = 71; // EPROTO
    private const int NoBuffers = 105; // ENOBUFS
    private const int TimedOut = 110; // ETIMEDOUT
    // Deleting a thousand links by group takes about a second in the kernel; a loaded host needs room.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(60);
    // The kernel answers before send returns: what is not there a moment later was lost.
    private static readonly TimeSpan RestTime = TimeSpan.FromSeconds(1);

    private readonly byte[] _datagram = buffer ?? new byte[64 << 10];
    private uint _sequence;

    /// <summary>
    /// Sends the messages, all of which ask for an acknowledgement, in one system call. A refused message does not
    /// keep the kernel from taking the later ones.
    /// </summary>
    /// <returns>An answer for each message; null where it was lost, so that what was done is not known.</returns>
    /// <exception cref="KernelException">The batch could not be sent, or what came back is no netlink.</exception>
    public NetlinkAnswer?[] Exchange(NetlinkWriter batch)
    {
        var answers = new NetlinkAnswer?[batch.Messages];
        var first = _sequence + 1;
        batch.Number(first);
        _sequence += (uint)batch.Messages;
        socket.Send(batch.Written);
        var patience = AnswerTime;
        for (var left = answers.Length; left > 0;)
        {
            if (!TryReceive(ref patience, out var datagram))
                break;
            var messages = new NetlinkMessages(datagram);
            while (messages.TryNext(out var message))
            {
                var index = message.Sequence - first;
                if (message.Type != MessageType.Error || message.Port != socket.Port || index >= answers.Length || answers[index] is not null)
                    continue; // what belongs to a batch whose answers were given up
                answers[index] = NetlinkAnswer.Parse(message);
                left--;
            }

            if (messages.Malformed)
                throw new KernelException(new KernelError("receive", "rtnetlink", null, Protocol, "the answer is not well formed"));
        }

        return answers;
    }

    // ENOBUFS says that the socket overflowed once. Sending again would meet what the first sending made; the answers
    // that did arrive are still to be had.
    private bool TryReceive(ref TimeSpan patience, out ReadOnlySpan<byte> datagram)
    {
        while (true)
        {
            try
            {
                datagram = socket.Receive(_datagram, patience);
                return true;
            }
            catch (KernelException overflow) when (overflow.Error.Errno == NoBuffers && patience != RestTime)
            {
                patience = RestTime;
            }
            catch (KernelException lost) when (lost.Error.Errno is NoBuffers or TimedOut)
            {
                datagram = default;
                return false;
            }
        }
    }

    public void Dispose() => socket.Dispose();
}
