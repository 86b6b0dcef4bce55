using System.Diagnostics;
using System.Text.Json;

namespace Provision.EndToEnd;

/// <summary>
/// A place to run the program in: a network namespace, an instance and a directory of manifests of its own.
/// Disposed, everything is removed, and it is an error when a process of the instance still runs or the host
/// outside of it has changed.
/// </summary>
internal sealed class Lab : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    // A shell that runs the tests in the background has them ignore SIGINT, and every child inherits that.
    private static readonly string[] DefaultSignals = ["--default-signal=INT,QUIT,HUP,TERM"];

    private readonly HostState _before = HostState.Read();

    public OwnNetns Netns { get; } = new();

    public OwnInstance Instance { get; } = new();

    public OwnDirectory Directory { get; } = new();

    /// <summary>Writes a manifest file and returns its path.</summary>
    public string Write(string name, string text) => Directory.Write(name, text);

    /// <summary>Runs to the end, without a terminal: <c>Run("plan", "-f", path)</c>; the instance is added.</summary>
    public CommandResult Run(params string[] arguments) => RunWith("", [], arguments);

    /// <summary>The same with standard input and environment variables of its own.</summary>
    public CommandResult RunWith(string stdin, (string Name, string Value)[] environment, params string[] arguments) =>
        Command.Run(StartInfo(environment, arguments), stdin, Patience);

    /// <summary>Starts it and goes on, for tests that interrupt or watch it.</summary>
    public RunningCommand Start(params string[] arguments) => StartWith([], arguments);

    /// <summary>The same with environment variables of its own.</summary>
    public RunningCommand StartWith((string Name, string Value)[] environment, params string[] arguments) =>
        new(StartInfo(environment, arguments));

    /// <summary>Runs a tool that runs the program (strace, setpriv, script): the tool's words come first.</summary>
    public CommandResult RunUnder(string tool, string[] words, params string[] arguments) =>
        Command.Run(StartInfoUnder(tool, words, arguments), "", Patience);

    /// <summary>The same, and goes on.</summary>
    public RunningCommand StartUnder(string tool, string[] words, params string[] arguments) => new(StartInfoUnder(tool, words, arguments));

    /// <summary>Applies a manifest, which must succeed and leave something behind: an apply of nothing proves nothing.</summary>
    public CommandResult Apply(string path, params string[] more)
    {
        var result = Run(["apply", "-f", path, "--auto-approve", .. more]).Succeeded();
        Assert.True(Instance.CgroupDirectories().Count > 0 || Links().Length > 1, $"nothing was made\n{result}");
        return result;
    }

    /// <summary>The report of <c>plan -o json</c>, whose exit code must be this one (0 nothing to do, 2 differences).</summary>
    public JsonElement Plan(int exitCode, string path, params string[] more) =>
        Run(["plan", "-f", path, "-o", "json", .. more]).Exited(exitCode).Json;

    /// <summary>The report of <c>drift -o json</c>, whose exit code must be this one (0 none, 2 drift).</summary>
    public JsonElement Drift(int exitCode, string path, params string[] more) =>
        Run(["drift", "-f", path, "-o", "json", .. more]).Exited(exitCode).Json;

    /// <summary>Fails unless no cgroup of the instance and no link but lo is left.</summary>
    public void AssertNothingLeft()
    {
        Assert.Empty(Instance.CgroupDirectories());
        Assert.Equal(["lo"], Links());
    }

    /// <summary>Names of the links in the network namespace, sorted.</summary>
    public string[] Links() =>
        [.. Netns.IpJson("link show").EnumerateArray().Select(static l => l.GetProperty("ifname").GetString()!).Order(StringComparer.Ordinal)];

    public void Dispose()
    {
        var running = Processes.OfInstance(Instance.Name);
        foreach (var pid in running.Keys)
            Command.Run("/bin/kill", ["-KILL", pid]);
        Netns.Dispose();
        Instance.Dispose();
        Directory.Dispose();

        Assert.Empty(running);
        Assert.Equal(_before, HostState.Read());
    }

    private ProcessStartInfo StartInfo((string Name, string Value)[] environment, string[] arguments)
    {
        var start = Netns.Exec("env", [.. DefaultSignals, Binary.Path, .. arguments, "--instance", Instance.Name]);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return start;
    }

    private ProcessStartInfo StartInfoUnder(string tool, string[] words, string[] arguments) =>
        Netns.Exec("env", [.. DefaultSignals, tool, .. words, Binary.Path, .. arguments, "--instance", Instance.Name]);
}
