using System.Runtime.InteropServices;
using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel.Supervise;

/// <summary>Becoming another program with descriptors kept, and starting one in the background.</summary>
internal static unsafe class Exec
{
    private const short SetSigDefault = 0x04, SetSigMask = 0x08, SetSession = 0x80; // POSIX_SPAWN_*

    private const int FirstBeyondStreams = 3;
    private const string YoungestGeneration = "DOTNET_GCgen0size";
    private const int YoungestBytes = 512 << 10;

    // glibc's and musl's own types are smaller.
    private const int OpaqueLength = 1024;

    /// <summary>
    /// execve(2) of the program with the state in a memfd whose number follows <c>--resume</c>. Returns only when it
    /// failed, with everything as it was.
    /// </summary>
    public static KernelError Become(Fd program, IReadOnlyList<string> arguments, HandoverState state, IReadOnlyList<Fd> kept)
    {
        var number = SuperviseNative.memfd_create("handover", 0);
        if (number < 0)
            return new KernelError("memfd_create", "handover", null, Sys.LastError);
        using var memory = new Fd(number);
        if (Sys.WriteAll(memory, state.ToBytes()) is var full and not 0)
            return new KernelError("write", "handover", null, full);
        foreach (var file in kept)
            Inherit(file, true);
        using var argv = new Strings([.. arguments, "--resume", memory.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        using var environment = new Strings(Environ());
        SuperviseNative.execve($"/proc/self/fd/{program.Number}", argv.Pointers, environment.Pointers);
        var errno = Sys.LastError;
        foreach (var file in kept)
            Inherit(file, false);
        return new KernelError("execve", "the successor", null, errno);
    }

    /// <summary>Reads what the last program left, and closes it to the next.</summary>
    public static HandoverState ReadHandover(int memory)
    {
        using var file = new Fd(memory);
        Logs.LogNative.lseek(file.Number, 0, 0);
        var (text, errno) = Sys.ReadAll(file);
        if (text is null)
            throw Sys.Failure("read", "handover", errno);
        var state = HandoverState.Parse(text);
        foreach (var number in state.Containers.SelectMany(static c => new[] { c.Process, c.Fifo, c.Terminal }).Concat([state.Listener, state.Lock, state.Asker]).Where(static n => n >= 0))
            SuperviseNative.fcntl(number, SuperviseNative.FcntlSetFlags, SuperviseNative.CloseOnExec);
        return state;
    }

    /// <summary>
    /// Starts a program in a session of its own, with default signals and these descriptors as 0, 1, 2, … and no others:
    /// what this process was born with, somebody's lock perhaps, is not held for ever. Returns its pid.
    /// </summary>
    public static int Spawn(string path, IReadOnlyList<string> arguments, IReadOnlyList<Fd> descriptors)
    {
        var actions = stackalloc byte[OpaqueLength];
        var attributes = stackalloc byte[OpaqueLength];
        var mask = stackalloc byte[OpaqueLength];
        new Span<byte>(mask, OpaqueLength).Clear();
        SuperviseNative.posix_spawn_file_actions_init(actions);
        SuperviseNative.posix_spawnattr_init(attributes);
        // Out of the way of the numbers that they become.
        var lifted = descriptors.Select(Lift).ToList();
        try
        {
            for (var i = 0; i < lifted.Count; i++)
                SuperviseNative.posix_spawn_file_actions_adddup2(actions, lifted[i].Number, i);
            // All that this process opens itself is closed by exec anyway.
            if (SuperviseNative.Call(SuperviseNative.CloseRangeNumber, FirstBeyondStreams, uint.MaxValue, SuperviseNative.CloseRangeOnExec, 0) != 0)
                throw Sys.Failure("close_range", path, Sys.LastError);
            SuperviseNative.posix_spawnattr_setflags(attributes, SetSession | SetSigMask | SetSigDefault);
            SuperviseNative.posix_spawnattr_setsigmask(attributes, mask);
            // What is ignored here stays ignored there unless it is named.
            new Span<byte>(mask, 8).Fill(0xff);
            SuperviseNative.posix_spawnattr_setsigdefault(attributes, mask);
            using var argv = new Strings(arguments);
            using var environment = new Strings(Environ());
            int pid;
            var errno = SuperviseNative.posix_spawn(&pid, path, actions, attributes, argv.Pointers, environment.Pointers);
            return errno == 0 ? pid : throw Sys.Failure("posix_spawn", path, errno);
        }
        finally
        {
            foreach (var file in lifted)
                file.Dispose();
            SuperviseNative.posix_spawn_file_actions_destroy(actions);
            SuperviseNative.posix_spawnattr_destroy(attributes);
        }
    }

    /// <summary>The same file under a number that no standard stream has.</summary>
    public static Fd Lift(Fd file)
    {
        const int least = 16;
        var number = SuperviseNative.fcntl(file.Number, SuperviseNative.Duplicate, least);
        return number >= 0 ? new Fd(number) : throw Sys.Failure("fcntl", "F_DUPFD_CLOEXEC", Sys.LastError);
    }

    /// <summary>Waits for a child's end: its exit status, or 128 + signal.</summary>
    public static int Wait(int pid)
    {
        int status;
        while (SuperviseNative.waitpid(pid, &status, 0) < 0)
            if (Sys.LastError != Errno.EINTR)
                throw Sys.Failure("waitpid", $"process {pid}", Sys.LastError);
        return PidFd.FromWait(status);
    }

    private static void Inherit(Fd file, bool yes) =>
        SuperviseNative.fcntl(file.Number, SuperviseNative.FcntlSetFlags, yes ? 0 : SuperviseNative.CloseOnExec);

    // Of what surrounds a command, nothing is a supervisor's business but how its runtime is set.
    private static IEnumerable<string> Environ()
    {
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
            if (((string)entry.Key).StartsWith("DOTNET_", StringComparison.Ordinal))
                yield return $"{entry.Key}={entry.Value}";
        // The collector's own measure for the youngest generation is a processor's cache, of which there are megabytes.
        if (Environment.GetEnvironmentVariable(YoungestGeneration) is null)
            yield return $"{YoungestGeneration}={YoungestBytes:x}";
    }

    /// <summary>A NULL-terminated array of C strings.</summary>
    private sealed class Strings : IDisposable
    {
        private readonly int _count;

        public Strings(IEnumerable<string> texts)
        {
            var all = texts.ToList();
            _count = all.Count;
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                var bytes = Encoding.UTF8.GetBytes(all[i]);
                Pointers[i] = (byte*)NativeMemory.AllocZeroed((nuint)bytes.Length + 1);
                bytes.CopyTo(new Span<byte>(Pointers[i], bytes.Length));
            }
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
                NativeMemory.Free(Pointers[i]);
            NativeMemory.Free(Pointers);
        }
    }
}
