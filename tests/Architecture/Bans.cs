namespace Provision.Architecture;

/// <summary>Every ban of the source, with its reason.</summary>
internal static class Bans
{
    private const string Kernel = "src/Drivers/Kernel";
    private const string Cli = "src/Cli";

    public static IReadOnlyList<Ban> All { get; } =
    [
        new("starting processes", @"\bProcess\.Start\b|\bnew\s+Process\b|\bProcessStartInfo\b", ["src"],
            "Provision speaks to the kernel itself; a helper process brings parsing, a PATH and a race. Use the drivers' kernel layer.",
            """Process.Start("ip", "link");"""),

        new("paths of tools", "\"/(usr/)?(local/)?s?bin/", ["src"],
            "no other program is needed at run time (no ip, nft, mount, sh): nothing in the source names one.",
            """var tool = "/usr/sbin/ip";""") { InStrings = true },

        new("console", @"(?<![\w.])Console\.(?!ILogger)", ["src"],
            "output belongs to the command line alone: a library that prints breaks JSON on stdout. Return data or log.",
            """Console.WriteLine("x");""") { Except = [Cli] },

        new("wall clock", @"\bDateTime(Offset)?\.(Utc)?(Now|Today)\b", ["src"],
            "time that cannot be injected cannot be tested. Take a TimeProvider.",
            "var now = DateTime.UtcNow;") { Except = [Cli] },

        new("sleeping", @"\bThread\.Sleep\b", ["src"],
            "it ignores cancellation and the injected clock. Wait for the event, or retry through Polly.",
            "Thread.Sleep(10);"),

        new("files written outside the kernel layer",
            @"\bFile\.(Write|Append|Create|Delete|Move|Copy|Replace|Set|Open(?!Read|Text|Handle))\w*|\bDirectory\.(Create|Delete|Move|Set)\w*|\bnew\s+(FileStream|StreamWriter)\b",
            ["src/Spec", "src/Reconciler", "src/Drivers"],
            "what changes the machine is an operation of the plan, performed by an executor in Kernel/ with its undo.",
            """File.WriteAllText("/sys/fs/cgroup/a/memory.max", "1");""") { Except = [Kernel] },

        new("files read by kinds", @"\b(File|Directory)\.\w+|\bnew\s+(FileStream|StreamReader|FileInfo|DirectoryInfo)\b", ["src/Drivers"],
            "a kind sees the kernel through readers that tests can replace, and only as often as the snapshot allows.",
            """var text = File.ReadAllText("/sys/class/net/web0/mtu");""") { Except = [Kernel] },

        new("foreign functions", @"\b(DllImport|LibraryImport|NativeLibrary)\b|\bMarshal\.", ["src"],
            "one thin layer knows errno, EINTR and struct layouts. Add the call to Kernel/.",
            """[LibraryImport("libc")] static partial int close(int fd);""") { Except = [Kernel] },

        new("unsafe code", @"\bunsafe\b|\bUnsafe\.|\bMemoryMarshal\.", ["src"],
            "memory errors can only come from one folder. Use spans, or move it to Kernel/.",
            "unsafe { int* p = null; }") { Except = [Kernel] },

        new("reflection",
            @"\busing\s+System\.(Reflection|Linq\.Expressions)\b|\bSystem\.(Reflection|Linq\.Expressions)\.|\bActivator\.|\bType\.GetType\(|\bAssembly\.\w|\bMakeGeneric\w+|(\.GetType\(\)|\btypeof\([^)]*\))\.(Get|Invoke)\w*\(",
            ["src"],
            "NativeAOT trims what only reflection reaches, and it breaks at run time. Register explicitly.",
            "var all = typeof(A).GetProperties();"),

        new("dynamic", @"\bdynamic\b", ["src"],
            "the runtime binder needs code generation, which NativeAOT does not have.",
            "dynamic a = b;"),

        new("OpenSSL", @"\bSystem\.Security\.Cryptography\b|\bSHA(1|256|384|512)\.|\bRandomNumberGenerator\b", ["src"],
            "the runtime's cryptography is a library of the host: a binary that runs anywhere must not need it. Digests are Spec's Sha256.",
            "var hash = SHA256.HashData(bytes);"),

        new("destructured log values", @"\{@", ["src"],
            "Serilog destructures by reflection and loses members under NativeAOT. Log scalars.",
            """log.LogInformation("planned {@Plan}", plan);""") { InStrings = true },

        new("kinds in the kernel layer", @"\b(IDriver|DriverRegistry|KindSchema|ChangeRequest|ResourceChange|ResourceSet|EffectiveSpec)\b|\bnew\s+Field\(", [Kernel],
            "Kernel/ knows links and cgroups, not kinds: a new kind must not change it.",
            "internal sealed class A : IDriver;"),

        // A type declaration, its parameters, and a base list in which an operation stands at the outer level.
        new("operations outside the kernel layer",
            @"\b(class|record|struct)\s+\w+(<[^>]*>)?\s*(\(([^()]|\([^()]*\))*\))?\s*:\s*(([^{;<(]|<[^<>]*>|\([^()]*\))*,)?\s*(\w+\.)*(\w*Operation|IOperationExecutor)\b(?!<)",
            ["src"],
            "drivers return operations, only Kernel/ performs them: what can be done to a kernel is listed in one place.",
            "internal sealed record Wipe(string Path) : Operation;") { Except = [Kernel] },
    ];
}
