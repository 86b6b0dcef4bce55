using System.Globalization;
using System.Text;
using Provision.Kernel.Runtime;

namespace Provision.Cli.Oci;

/// <summary><c>list</c> and <c>ps</c>.</summary>
internal static class OciLists
{
    public static int List(OciRun run, IReadOnlyList<string> arguments)
    {
        var words = OciWords.Parse(arguments, run.Command, firstEnds: false, "format|f=", "quiet|q");
        var json = IsJson(words);
        var all = run.Store.Names().Select(run.Store.Read).OfType<RuntimeState>().Select(s => (State: s, Status: run.StatusOf(s))).ToList();
        if (words.Has("quiet"))
            all.ForEach(c => run.Print(c.State.Id));
        else if (json)
            run.Print("[" + string.Join(",", all.Select(c => Encoding.UTF8.GetString(run.Json(c.State, c.Status, run.Store.ReadConfig(c.State.Id) ?? "{}", full: true)))) + "]");
        else
            Table(run, ["ID", "PID", "STATUS", "BUNDLE", "CREATED"], all.Select(static c => new[]
            {
                c.State.Id, (c.Status == "stopped" ? 0 : c.State.Pid).ToString(CultureInfo.InvariantCulture), c.Status, c.State.Bundle, c.State.Created,
            }));
        return ExitCode.Done;
    }

    public static int Processes(OciRun run, IReadOnlyList<string> arguments)
    {
        var words = OciWords.Parse(arguments, run.Command, firstEnds: false, "format|f=");
        var state = run.Find(run.IdOf(words));
        using var cgroup = new RuntimeCgroup(run.Layout, state.Cgroup);
        var pids = cgroup.Processes().Order().Select(static p => p.ToString(CultureInfo.InvariantCulture)).ToList();
        if (IsJson(words))
            run.Print("[" + string.Join(",", pids) + "]");
        else
            Table(run, ["PID"], pids.Select(static p => new[] { p }));
        return ExitCode.Done;
    }

    private static bool IsJson(OciWords words) => words.Value("format") switch
    {
        null or "table" => false,
        "json" => true,
        var other => throw new OciException($"--format {other}: must be table or json"),
    };

    private static void Table(OciRun run, string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> all = [head, .. rows];
        var widths = Enumerable.Range(0, head.Length).Select(i => all.Max(r => r[i].Length)).ToList();
        foreach (var row in all)
            run.Print(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }
}
