using System.Globalization;
using System.Text;

namespace Provision.Kernel.Logs;

/// <param name="Tail">So many lines from the end; null: all.</param>
/// <param name="Since">Lines that began then or later; null: all.</param>
/// <param name="Timestamps">Each line is led by the time it came (UTC, RFC 3339, microseconds) and a space.</param>
/// <param name="Follow">Go on with what is written later, until cancelled or until the log is removed.</param>
public sealed record LogQuery(int? Tail = null, DateTimeOffset? Since = null, bool Timestamps = false, bool Follow = false);

/// <summary>Reads a container's log while it is written, rotated and pruned. Without times the bytes come out as they went in.</summary>
public sealed class LogReader
{
    private const int Block = 64 << 10;

    private readonly string _directory;
    private readonly LogQuery _query;
    private readonly Stream _to;
    private readonly byte[] _buffer = new byte[Block];
    private List<(long Time, long Offset)> _times = [];
    private bool _atLineStart = true;
    private bool _skipping;

    private LogReader(string directory, LogQuery query, Stream to) => (_directory, _query, _to) = (directory, query, to);

    /// <summary>Copies what the query asks for.</summary>
    /// <param name="directory">The log's directory; one that is not there is an empty log.</param>
    /// <exception cref="IOException">Reading or writing failed.</exception>
    public static void Copy(string directory, LogQuery query, Stream to, CancellationToken cancel = default)
    {
        var reader = new LogReader(directory, query, to);
        if (query.Follow)
            reader.Follow(cancel);
        else
            reader.CopyFrom(reader.Start());
    }

    private void Follow(CancellationToken cancel)
    {
        using var changes = new Inotify();
        // Watched before anything is read, so that nothing comes in between unseen.
        var watch = changes.Add(_directory, Inotify.Modify | Inotify.Create | Inotify.Delete);
        using var wake = cancel.Register(changes.Wake);
        var at = Start();
        while (!cancel.IsCancellationRequested)
        {
            at = CopyFrom(at);
            _to.Flush();
            if (watch <= 0 || !Directory.Exists(_directory))
                return;
            changes.Wait();
        }
    }

    private LogPosition Start()
    {
        var numbers = LogFiles.Numbers(_directory);
        var start = new LogPosition(numbers.FirstOrDefault(1), 0);
        if (_query.Tail is { } lines)
            start = LogPosition.OfTail(_directory, numbers, lines);
        if (_query.Since is { } since && LogPosition.OfTime(_directory, numbers, since) is { } then && then.IsAfter(start))
        {
            start = then;
            // Its first bytes may end a line that began before.
            _skipping = !then.IsLineStart(_directory);
        }

        return start;
    }

    // To the end of what is there now; returns where that is.
    private LogPosition CopyFrom(LogPosition at)
    {
        while (true)
        {
            try
            {
                at = at with { Offset = CopyFile(at) };
            }
            catch (FileNotFoundException)
            {
                // Pruned while we were behind, or not begun yet.
            }
            catch (DirectoryNotFoundException)
            {
                return at;
            }

            // Asked after the end was met: a writer begins the next file only when this one is full for good.
            var next = LogFiles.Numbers(_directory).FirstOrDefault(n => n > at.Number);
            if (next == 0)
                return at;
            if (Length(at) > at.Offset)
                continue;
            at = new LogPosition(next, 0);
        }
    }

    private long Length(LogPosition at)
    {
        var file = new FileInfo(LogFiles.Path(_directory, at.Number, LogFiles.Data));
        return file.Exists ? file.Length : 0;
    }

    private long CopyFile(LogPosition from)
    {
        using var file = new FileStream(LogFiles.Path(_directory, from.Number, LogFiles.Data), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
        file.Position = from.Offset;
        var offset = from.Offset;
        for (int got; (got = file.Read(_buffer)) > 0; offset += got)
        {
            if (_query.Timestamps)
                _times = LogTimes.Read(LogFiles.Path(_directory, from.Number, LogFiles.Index));
            Emit(_buffer.AsSpan(0, got), offset);
        }

        return offset;
    }

    private void Emit(ReadOnlySpan<byte> bytes, long offset)
    {
        if (_skipping)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (end < 0)
                return;
            _skipping = false;
            offset += end + 1;
            bytes = bytes[(end + 1)..];
        }

        if (!_query.Timestamps)
        {
            _to.Write(bytes);
            return;
        }

        while (!bytes.IsEmpty)
        {
            if (_atLineStart)
                _to.Write(Encoding.ASCII.GetBytes(Stamp(offset)));
            var end = bytes.IndexOf((byte)'\n');
            var line = end < 0 ? bytes : bytes[..(end + 1)];
            _to.Write(line);
            _atLineStart = end >= 0;
            offset += line.Length;
            bytes = bytes[line.Length..];
        }
    }

    private string Stamp(long offset)
    {
        int low = 0, high = _times.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_times[middle].Offset <= offset)
                low = middle + 1;
            else
                high = middle;
        }

        var time = low == 0 ? DateTimeOffset.UnixEpoch : DateTimeOffset.UnixEpoch.AddTicks(_times[low - 1].Time * TimeSpan.TicksPerMicrosecond);
        return time.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ ", CultureInfo.InvariantCulture);
    }
}
