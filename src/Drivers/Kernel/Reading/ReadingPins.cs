namespace Provision.Kernel.Reading;

/// <summary>
/// What the reading filter compares arguments with that is known only when it is loaded. What lies in memory a filter
/// cannot see, but it can know where it lies.
/// </summary>
/// <param name="Pid">The process's own: the only one that may be signalled.</param>
/// <param name="Ways">Address of the ways that openat2 may open (<see cref="OpenWays"/>).</param>
/// <param name="OutputFrom">Address of the temporary name of the file that is written (<see cref="PreparedFile"/>); 0 when there is none.</param>
/// <param name="OutputTo">Address of its final name.</param>
internal readonly record struct ReadingPins(uint Pid, ulong Ways, ulong OutputFrom, ulong OutputTo);
