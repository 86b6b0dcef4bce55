using System.Text.Json;

namespace Provision.EndToEnd.Containers;

/// <summary>
/// A test class with a lab for each test in which containers run. At the end everything is destroyed by the program
/// itself: nothing of the instance, no process and no link may be left.
/// </summary>
public abstract class ContainerLab : IDisposable
{
    // Deadlines are generous: the machine may be an emulated one.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    internal Lab Lab { get; } = new();

    public void Dispose()
    {
        var destroyed = Lab.Run("destroy", "--auto-approve", "--all");
        try
        {
            destroyed.Succeeded();
            Lab.AssertNothingLeft();
        }
        finally
        {
            Lab.Dispose();
            GC.SuppressFinalize(this);
        }
    }

    internal static void Eventually(string what, Func<bool> holds) =>
        Assert.True(SpinWait.SpinUntil(() => { Thread.Sleep(20); return holds(); }, Patience), what);

    /// <summary>What status tells of a container.</summary>
    internal JsonElement Status(string path, string name = "web-1", params string[] more) =>
        Lab.Run(["status", "-f", path, "-o", "json", .. more]).Succeeded().Json.GetProperty("resources").EnumerateArray()
            .Single(r => r.GetProperty("resource").GetString() == $"Container/{name}");

    /// <summary>The first process; null when none runs.</summary>
    internal int? Pid(string path, string name = "web-1") => Status(path, name).TryGetProperty("pid", out var pid) ? pid.GetInt32() : null;

    /// <summary>A tool in the container's network namespace.</summary>
    internal static CommandResult InNetwork(int pid, string file, params string[] arguments) =>
        Command.Run("nsenter", [$"--net=/proc/{pid}/ns/net", file, .. arguments]);

    /// <summary>A page of a web server at an address, asked for from the host's side of the lab; null when there is no answer.</summary>
    internal string? Page(string url)
    {
        var result = Lab.Netns.Run("timeout", "60", "busybox", "wget", "-q", "-O", "-", url);
        return result.ExitCode == 0 ? result.Out : null;
    }
}
