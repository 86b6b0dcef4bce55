namespace Provision.Kernel.Logs;

/// <summary>A byte of a log: the number of its file and the offset in it.</summary>
internal readonly record struct LogPosition(long Number, long Offset)
{
    private const int Block = 64 << 10;

    public bool IsAfter(LogPosition other) => Number > other.Number || (Number == other.Number && Offset > other.Offset);

    /// <summary>Whether a line begins here: at the log's begin, and after a line feed.</summary>
    public bool IsLineStart(string directory)
    {
        var (number, offset) = (Number, Offset);
        if (offset == 0)
        {
            var before = LogFiles.Numbers(directory).LastOrDefault(n => n < number);
            if (before == 0)
                return true;
            (number, offset) = (before, new FileInfo(LogFiles.Path(directory, before, LogFiles.Data)).Length);
            if (offset == 0)
                return true;
        }

        using var file = Open(directory, number);
        file.Position = offset - 1;
        return file.ReadByte() is '\n' or -1;
    }

    /// <summary>The first byte that came at that time or later; null when none did.</summary>
    public static LogPosition? OfTime(string directory, List<long> numbers, DateTimeOffset since)
    {
        var wanted = (since - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        foreach (var number in numbers)
        {
            var times = LogTimes.Read(LogFiles.Path(directory, number, LogFiles.Index));
            var place = times.FindIndex(t => t.Time >= wanted);
            if (place >= 0)
                return new LogPosition(number, times[place].Offset);
        }

        // Nothing is so young: the end.
        return numbers.Count == 0 ? null : new LogPosition(numbers[^1], Length(directory, numbers[^1]));
    }

    /// <summary>Where the last lines begin; a last line without its line feed counts too.</summary>
    public static LogPosition OfTail(string directory, List<long> numbers, int lines)
    {
        var buffer = new byte[Block];
        // The line feed at the very end closes the last line and begins none.
        var wanted = lines;
        var atEnd = true;
        for (var i = numbers.Count - 1; i >= 0; i--)
        {
            FileStream file;
            try
            {
                file = Open(directory, numbers[i]);
            }
            catch (FileNotFoundException)
            {
                return new LogPosition(numbers[Math.Min(i + 1, numbers.Count - 1)], 0);
            }

            using (file)
                for (var end = file.Length; end > 0;)
                {
                    var begin = Math.Max(end - Block, 0);
                    file.Position = begin;
                    var got = file.ReadAtLeast(buffer.AsSpan(0, (int)(end - begin)), (int)(end - begin), throwOnEndOfStream: false);
                    for (var at = got - 1; at >= 0; at--)
                    {
                        var isFeed = buffer[at] == '\n';
                        if (isFeed && !atEnd && --wanted == 0)
                            return new LogPosition(numbers[i], begin + at + 1);
                        if (lines == 0)
                            return new LogPosition(numbers[^1], Length(directory, numbers[^1]));
                        atEnd = false;
                    }

                    end = begin;
                }
        }

        return new LogPosition(numbers.FirstOrDefault(1), 0);
    }

    private static long Length(string directory, long number)
    {
        var file = new FileInfo(LogFiles.Path(directory, number, LogFiles.Data));
        return file.Exists ? file.Length : 0;
    }

    private static FileStream Open(string directory, long number) =>
        new(LogFiles.Path(directory, number, LogFiles.Data), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 0);
}
