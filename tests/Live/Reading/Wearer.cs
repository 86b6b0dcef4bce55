using System.Diagnostics;

namespace Provision.Kernel.Reading;

/// <summary>
/// What this test program is when it is started as <c>wear WHAT DIRECTORY</c>: one that wears the reading filter and then
/// does what it is told. Nothing of it is in the shipped binary.
/// </summary>
internal static class Wearer
{
    private static readonly ManualResetEventSlim Go = new();

    /// <summary>What must go on to work. Given the directory, in which <c>file</c> is and <c>new</c> is not.</summary>
    private static readonly Dictionary<string, Action<string>> Reads = new()
    {
        ["read"] = static at => Check(File.ReadAllText($"{at}/file") == "content\n" && Directory.GetFiles(at) is [_]),
        ["read beneath"] = static at =>
        {
            using var reader = new DirectoryReader(at, Resolve.Beneath | Resolve.NoMounts | Resolve.NoSymlinks);
            Check(reader.Read("file") == "content\n" && reader.Visit("", ["trusted.provision.none"]) is { Children: [] } && !Beneath.ForceFallback);
        },
        ["work"] = static _ => Work(),
        // Refused and no more: what names threads in C libraries looks the same.
        ["open to change"] = static at =>
        {
            try
            {
                File.Open($"{at}/file", FileMode.Open, FileAccess.ReadWrite).Dispose();
                Check(false);
            }
            catch (IOException)
            {
                Check(File.ReadAllText($"{at}/file") == "content\n");
            }
        },
    };

    /// <summary>What must kill.</summary>
    private static readonly Dictionary<string, Action<string>> Writes = new()
    {
        ["File.WriteAllText"] = Write,
        ["File.WriteAllText on an older thread"] = static _ =>
        {
            Go.Set();
            Thread.Sleep(Timeout.Infinite);
        },
        ["File.WriteAllText on a newer thread"] = static at =>
        {
            var newer = new Thread(() => Write(at));
            newer.Start();
            newer.Join();
        },
        ["File.AppendAllText"] = static at => File.AppendAllText($"{at}/file", "x"),
        ["File.Delete"] = static at => File.Delete($"{at}/file"),
        ["File.Move"] = static at => File.Move($"{at}/file", $"{at}/new"),
        ["File.SetUnixFileMode"] = static at => File.SetUnixFileMode($"{at}/file", UnixFileMode.UserRead),
        ["Directory.CreateDirectory"] = static at => Directory.CreateDirectory($"{at}/new"),
        ["Process.Kill"] = static _ => Process.GetProcessById(int.Parse(File.ReadAllText("/proc/self/stat").Split(") ")[1].Split(' ')[1])).Kill(),
        ["DirectoryWriter.Write"] = static at => Writer(at).Write("file", "x"),
        ["DirectoryWriter.SetAttribute"] = static at => Writer(at).SetAttribute("file", "trusted.provision.try", "x"),
        ["AtomicFile.Write"] = static at => AtomicFile.Write($"{at}/new", "x"u8, 0x180),
        ["another prepared file"] = static at => PreparedFile.Create($"{at}/new", 0x180),
    };

    private static int Main(string[] arguments)
    {
        if (arguments is not ["wear", var what, var at])
            return 64;
        using var prepared = what.StartsWith("prepared", StringComparison.Ordinal) ? PreparedFile.Create($"{at}/new", 0x180) : null;
        new Thread(() =>
        {
            Go.Wait();
            Write(at);
        })
        {
            IsBackground = true,
        }.Start();

        ReadingFilter.Wear(prepared);
        Say("worn");
        if (what == "prepared file")
            prepared!.Write("plan"u8);
        else if (prepared is null)
            (Reads.GetValueOrDefault(what) ?? Writes[what])(at);
        prepared?.Dispose();
        Say("done");
        return 0;
    }

    private static void Say(string word)
    {
        using var output = new StandardStream(1);
        output.Write(System.Text.Encoding.ASCII.GetBytes(word + "\n"));
    }

    private static void Write(string at) => File.WriteAllText($"{at}/new", "x");

    private static DirectoryWriter Writer(string at) => new(new DirectoryReader(at, Resolve.Beneath));

    // What a runtime does by itself: threads, collections that stop them, code made late, timers.
    private static void Work()
    {
        using var timer = new Timer(static _ => GC.Collect(), null, 0, 1);
        Check(Enumerable.Range(0, 64).AsParallel().WithDegreeOfParallelism(8).Sum(static n => new string('x', 100 + n).Length - 100) == 2016);
        for (var i = 0; i < 20; i++)
        {
            var thread = new Thread(static () => GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true));
            thread.Start();
            thread.Join();
        }
    }

    private static void Check(bool holds)
    {
        if (!holds)
            Environment.Exit(1);
    }
}
