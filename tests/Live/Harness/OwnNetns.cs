using System.Diagnostics;
using System.Text.Json;

namespace Provision.Testing;

/// <summary>A named network namespace of the test's own; disposed, it and every process in it are gone.</summary>
public sealed class OwnNetns : IDisposable
{
    public OwnNetns()
    {
        Name = UniqueName.Of("pt");
        Command.Run("ip", ["netns", "add", Name]).Succeeded();
    }

    public string Name { get; }

    /// <summary>Where a namespace file descriptor can be opened.</summary>
    public string Path => $"/run/netns/{Name}";

    /// <summary><c>ip</c> in this namespace: <c>Ip("link add web0 type bridge")</c>. Fails the test when ip fails.</summary>
    public string Ip(string arguments) => Command.Run("ip", $"-n {Name} {arguments}").Succeeded().Out;

    /// <summary>Gives a link another name as administrators do: down first where the kernel wants it so (before Linux 6.2).</summary>
    public void Rename(string link, string to)
    {
        if (Command.Run("ip", $"-n {Name} link set {link} name {to}").ExitCode == 0)
            return;
        Ip($"link set {link} down");
        Ip($"link set {link} name {to}");
        Ip($"link set {to} up");
    }

    /// <summary>JSON of <c>ip -j</c> in this namespace: <c>IpJson("-d link show web0")</c>.</summary>
    public JsonElement IpJson(string arguments) => Command.Run("ip", $"-n {Name} -j {arguments}").Succeeded().Json;

    /// <summary>The link's details (<c>ip -j -d link show</c>), or null when there is no such link.</summary>
    public JsonElement? Link(string name)
    {
        var result = Command.Run("ip", ["-n", Name, "-j", "-d", "link", "show", "dev", name]);
        return result.ExitCode == 0 ? result.Json[0] : null;
    }

    /// <summary>The link's addresses with prefix (<c>10.0.0.1/24</c>), link-local ones excluded, sorted.</summary>
    public string[] Addresses(string link) =>
    [
        .. IpJson($"address show dev {link}")[0].GetProperty("addr_info").EnumerateArray()
            .Where(a => a.GetProperty("scope").GetString() != "link")
            .Select(a => $"{a.GetProperty("local").GetString()}/{a.GetProperty("prefixlen").GetInt32()}")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Any tool in this namespace.</summary>
    public CommandResult Run(string file, params string[] arguments) => Command.Run(Exec(file, arguments));

    /// <summary>
    /// How to start a tool in this namespace. With nsenter, because <c>ip netns exec</c> mounts a fresh /sys,
    /// which hides every cgroup; the process keeps the pid of the one that is started.
    /// </summary>
    public ProcessStartInfo Exec(string file, params string[] arguments) =>
        new("nsenter", [$"--net={Path}", file, .. arguments]);

    /// <summary>
    /// Runs the delegate on a thread of its own inside this namespace; the thread ends with it. Sockets opened
    /// inside keep the namespace and may be used anywhere afterwards. The delegate must not use the thread pool
    /// (tasks, timers): a pool thread born inside would stay inside.
    /// </summary>
    public T Inside<T>(Func<T> body) => NetnsThread.Run(Path, body);

    /// <inheritdoc cref="Inside{T}(Func{T})"/>
    public void Inside(Action body) => Inside(() =>
    {
        body();
        return true;
    });

    public void Dispose()
    {
        foreach (var pid in Command.Run("ip", ["netns", "pids", Name]).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Command.Run("/bin/kill", ["-KILL", pid]);
        Command.Run("ip", ["netns", "delete", Name]).Succeeded();
    }
}
