using System.Text.Json;
using System.Text.Json.Serialization;
using Provision.Reconciler;

namespace Provision.Kernel.Runtime;

/// <summary>What is remembered of a container between two commands; what it is doing is asked of the kernel.</summary>
/// <param name="Bundle">Absolute path.</param>
/// <param name="Pid">Its first process; 0 before there is one.</param>
/// <param name="StartTime">Field 22 of /proc/PID/stat: a pid alone proves nothing.</param>
/// <param name="Created">UTC, RFC 3339.</param>
/// <param name="Cgroup">Relative to the hierarchies' mount points.</param>
public sealed record RuntimeState(string Id, string Bundle, int Pid, ulong StartTime, string Created, string Cgroup);

/// <summary>How states are kept.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(RuntimeState))]
internal sealed partial class RuntimeStateJson : JsonSerializerContext;

/// <summary>
/// The directory of a runtime's containers, one directory each: <c>state.json</c>, the bundle's <c>config.json</c> as it
/// was, and <c>exec.fifo</c> from creation to start.
/// </summary>
public sealed unsafe partial class RuntimeStore(string root)
{
    private const string StateFile = "state.json", ConfigFile = "config.json", Fifo = "exec.fifo";
    private const uint Private = 0x1C0, PrivateFile = 0x180, FifoType = 0x1000;
    private const int NoReader = 6; // ENXIO

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>The FIFO that a created container waits at.</summary>
    public string FifoOf(string id) => Path.Combine(Root, id, Fifo);

    /// <summary>A new directory; false when the name is taken.</summary>
    /// <exception cref="KernelException">It cannot be made.</exception>
    public bool Reserve(string id)
    {
        MakeAll(Root);
        if (Libc.mkdirat(Libc.AT_FDCWD, Path.Combine(Root, id), Private) != 0)
            return Sys.LastError == Errno.EEXIST ? false : throw Sys.Failure("mkdir", Path.Combine(Root, id), Sys.LastError);
        if (mknod(FifoOf(id), FifoType | PrivateFile, 0) != 0)
            throw Sys.Failure("mkfifo", FifoOf(id), Sys.LastError);
        return true;
    }

    public void Write(RuntimeState state) =>
        AtomicFile.Write(Path.Combine(Root, state.Id, StateFile), JsonSerializer.SerializeToUtf8Bytes(state, RuntimeStateJson.Default.RuntimeState), PrivateFile, durable: false);

    public void WriteConfig(string id, ReadOnlySpan<byte> config) => AtomicFile.Write(Path.Combine(Root, id, ConfigFile), config, PrivateFile, durable: false);

    /// <summary>Null when there is no such container.</summary>
    /// <exception cref="KernelException">What is there cannot be read.</exception>
    public RuntimeState? Read(string id)
    {
        var path = Path.Combine(Root, id, StateFile);
        if (Text(path) is not { } text)
            return null;
        try
        {
            return JsonSerializer.Deserialize(text, RuntimeStateJson.Default.RuntimeState);
        }
        catch (JsonException)
        {
            throw Sys.Failure("read", path, Errno.EINVAL, detail: "it is no state");
        }
    }

    public string? ReadConfig(string id) => Text(Path.Combine(Root, id, ConfigFile));

    public bool Exists(string id) => Directory.Exists(Path.Combine(Root, id));

    /// <summary>Names of all, sorted.</summary>
    public IReadOnlyList<string> Names() => Directory.Exists(Root)
        ? [.. Directory.EnumerateDirectories(Root).Select(static d => Path.GetFileName(d)).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>It was created and not started.</summary>
    public bool IsWaiting(string id) => File.Exists(FifoOf(id));

    /// <summary>Opens the gate, once; false when nobody waits there.</summary>
    public bool OpenGate(string id)
    {
        var path = FifoOf(id);
        var (gate, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_WRONLY | Libc.O_NONBLOCK);
        if (gate is null)
            return errno is NoReader or Errno.ENOENT ? false : throw Sys.Failure("open", path, errno);
        using (gate)
        {
            // Before the byte: of two that start it, one finds the FIFO gone.
            if (Libc.unlinkat(Libc.AT_FDCWD, path, 0) != 0)
                return Sys.LastError == Errno.ENOENT ? false : throw Sys.Failure("unlink", path, Sys.LastError);
            return Sys.WriteAll(gate, "g"u8) is var error and not 0 ? throw Sys.Failure("write", path, error) : true;
        }
    }

    /// <summary>Forgets it; what is not there is no error.</summary>
    public void Remove(string id)
    {
        // The state last: what is left over by a crash is still known.
        foreach (var file in new[] { Fifo, ConfigFile, StateFile })
            Libc.unlinkat(Libc.AT_FDCWD, Path.Combine(Root, id, file), 0);
        var path = Path.Combine(Root, id);
        if (Libc.unlinkat(Libc.AT_FDCWD, path, Libc.AT_REMOVEDIR) == 0 || Sys.LastError == Errno.ENOENT)
            return;
        // A file that an interrupted write left.
        foreach (var file in Directory.EnumerateFiles(path))
            Libc.unlinkat(Libc.AT_FDCWD, file, 0);
        if (Libc.unlinkat(Libc.AT_FDCWD, path, Libc.AT_REMOVEDIR) != 0 && Sys.LastError != Errno.ENOENT)
            throw Sys.Failure("rmdir", path, Sys.LastError);
    }

    private static void MakeAll(string path)
    {
        if (Libc.mkdirat(Libc.AT_FDCWD, path, Private) == 0 || Sys.LastError == Errno.EEXIST)
            return;
        if (Sys.LastError != Errno.ENOENT || Path.GetDirectoryName(path) is not { } parent)
            throw Sys.Failure("mkdir", path, Sys.LastError);
        MakeAll(parent);
        if (Libc.mkdirat(Libc.AT_FDCWD, path, Private) != 0 && Sys.LastError != Errno.EEXIST)
            throw Sys.Failure("mkdir", path, Sys.LastError);
    }

    private static string? Text(string path)
    {
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, path, Libc.O_RDONLY);
        if (file is null)
            return errno == Errno.ENOENT ? null : throw Sys.Failure("open", path, errno);
        using (file)
        {
            (var text, errno) = Sys.ReadAll(file);
            return text ?? throw Sys.Failure("read", path, errno);
        }
    }

    [System.Runtime.InteropServices.LibraryImport("libc", SetLastError = true, StringMarshalling = System.Runtime.InteropServices.StringMarshalling.Utf8)]
    private static partial int mknod(string path, uint mode, ulong device);
}
