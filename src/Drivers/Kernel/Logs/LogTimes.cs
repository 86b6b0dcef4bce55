using System.Runtime.InteropServices;

namespace Provision.Kernel.Logs;

/// <summary>
/// The side index of one log file: records of two 64-bit integers in host order, a time (Unix, microseconds) and the
/// offset of the first byte that came then or later. A record is written before its bytes, so none is without a time;
/// the last one is rewritten when nothing came after it.
/// </summary>
internal sealed unsafe class LogTimes : IDisposable
{
    public const int RecordLength = 16;

    // Lines that follow each other faster share a time.
    private const long Resolution = 1000;

    private readonly Fd _file;
    private long _records;
    private long _lastTime;
    private long _lastOffset = -1;

    private LogTimes(Fd file) => _file = file;

    /// <summary>Opens or makes it; null with an errno.</summary>
    public static (LogTimes? Times, int Errno) Open(string path)
    {
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW, LogWriter.FileMode);
        if (file is null)
            return (null, errno);
        var times = new LogTimes(file);
        // What a crash left of a record is written over.
        times._records = Math.Max(LogNative.lseek(file.Number, 0, LogNative.SeekEnd), 0) / RecordLength;
        var last = stackalloc long[2];
        if (times._records > 0 && LogNative.pread(file.Number, last, RecordLength, (times._records - 1) * RecordLength) == RecordLength)
            (times._lastTime, times._lastOffset) = (last[0], last[1]);
        return (times, 0);
    }

    /// <summary>Notes that what comes at the offset comes now. A full disk costs a time and no byte of the log.</summary>
    public void Note(long time, long offset)
    {
        if (_records > 0 && time >= _lastTime && time - _lastTime < Resolution && _lastOffset <= offset)
            return;
        var record = stackalloc long[2] { time, offset };
        var place = _lastOffset == offset && _records > 0 ? _records - 1 : _records;
        if (LogNative.pwrite(_file.Number, record, RecordLength, place * RecordLength) != RecordLength)
            return;
        _records = place + 1;
        (_lastTime, _lastOffset) = (time, offset);
    }

    /// <summary>All records of a file, in order; empty when it is not there.</summary>
    public static List<(long Time, long Offset)> Read(string path)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }

        var numbers = MemoryMarshal.Cast<byte, long>(bytes.AsSpan(0, bytes.Length / RecordLength * RecordLength));
        var records = new List<(long, long)>(numbers.Length / 2);
        for (var i = 0; i + 1 < numbers.Length; i += 2)
            records.Add((numbers[i], numbers[i + 1]));
        return records;
    }

    public void Dispose() => _file.Dispose();
}
