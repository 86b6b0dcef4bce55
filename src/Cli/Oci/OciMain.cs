namespace Provision.Cli.Oci;

/// <summary>
/// The command line of an OCI runtime, for engines: <c>provision oci COMMAND</c>, or a link of the name
/// <c>provision-oci</c>, since engines call a runtime by one path. Its words are those of other runtimes and not
/// Provision's own, so that it is not one of Provision's commands.
/// </summary>
internal static class OciMain
{
    public const string Name = "oci";

    private const string LinkName = "provision-oci";

    private static readonly string[] GlobalOptions =
        ["root=", "log=", "log-format=", "log-level=", "systemd-cgroup", "cgroup-manager=", "rootless=", "criu=", "debug", "version|v", "help|h"];

    private static readonly Dictionary<string, Func<Surroundings, OciWords, IReadOnlyList<string>, int>> Commands = new(StringComparer.Ordinal)
    {
        ["create"] = static (host, global, words) => new OciCreate(host, global, "create").Create(words),
        ["run"] = static (host, global, words) => new OciCreate(host, global, "run").RunIt(words),
        ["start"] = static (host, global, words) => OciLife.Start(new OciRun(host, global, "start"), words),
        ["state"] = static (host, global, words) => OciLife.State(new OciRun(host, global, "state"), words),
        ["kill"] = static (host, global, words) => OciLife.Kill(new OciRun(host, global, "kill"), words),
        ["delete"] = static (host, global, words) => OciDelete.Delete(new OciRun(host, global, "delete"), words),
        ["exec"] = static (host, global, words) => OciExec.Exec(new OciRun(host, global, "exec"), words),
        ["list"] = static (host, global, words) => OciLists.List(new OciRun(host, global, "list"), words),
        ["ps"] = static (host, global, words) => OciLists.Processes(new OciRun(host, global, "ps"), words),
        ["pause"] = static (host, global, words) => OciLife.Freeze(new OciRun(host, global, "pause"), words, frozen: true),
        ["resume"] = static (host, global, words) => OciLife.Freeze(new OciRun(host, global, "resume"), words, frozen: false),
        ["update"] = static (host, global, words) => OciLife.Update(new OciRun(host, global, "update"), words),
        ["features"] = static (host, global, words) => OciFeatures.Print(new OciRun(host, global, "features"), words),
    };

    /// <summary>The arguments of the runtime; null when this is no call of one.</summary>
    /// <param name="program">argv[0].</param>
    public static IReadOnlyList<string>? Asked(string program, IReadOnlyList<string> arguments) =>
        Path.GetFileName(program) == LinkName ? arguments : arguments is [Name, ..] ? [.. arguments.Skip(1)] : null;

    public static int Run(Surroundings host, IReadOnlyList<string> arguments)
    {
        OciWords? global = null;
        try
        {
            global = OciWords.Parse(arguments, "provision oci", firstEnds: true, GlobalOptions);
            return Run(host, global);
        }
        catch (Exception failure) when (OciErrors.IsExpected(failure))
        {
            OciErrors.Tell(host, global, "error", OciErrors.Of(failure));
            return (failure as OciException)?.Code ?? 1;
        }
        catch (Exception failure) when (global?.Has("debug") != true)
        {
            OciErrors.Tell(host, global, "error", $"unexpected {failure.GetType().Name}: {failure.Message.Split('\n')[0]}; this is a defect; --debug shows where it came from");
            return 1;
        }
    }

    private static int Run(Surroundings host, OciWords global)
    {
        // Engines read the version from the line's third word and the specification's from the line that begins with spec.
        if (global.Has("version"))
            return Say(host, $"provision-oci version {BuildInfo.FullVersion}\nspec: 1.0.2\n");
        if (global.Has("help") || global.Words.Count == 0)
        {
            var told = Say(host, $"usage: provision oci [--root DIR] [--log FILE] [--log-format text|json] COMMAND\ncommands: {string.Join(", ", Commands.Keys.Order(StringComparer.Ordinal))}\n");
            return global.Has("help") ? told : ExitCode.Usage;
        }

        if (global.Has("systemd-cgroup") || global.Value("cgroup-manager") is { } manager && manager is not ("cgroupfs" or "disabled"))
            throw new OciException("cgroups are made as directories here, not as units of systemd's: leave out --systemd-cgroup, or use --cgroup-manager cgroupfs");
        if (global.Value("cgroup-manager") is "disabled")
            throw new OciException("--cgroup-manager disabled: a container is its cgroup here");
        var command = global.Words[0];
        return Commands.TryGetValue(command, out var run)
            ? run(host, global, global.Rest)
            : throw new OciException($"there is no command {command}; there are {string.Join(", ", Commands.Keys.Order(StringComparer.Ordinal))}", ExitCode.Usage);
    }

    private static int Say(Surroundings host, string text)
    {
        host.Out.Write(text);
        host.Out.Flush();
        return ExitCode.Done;
    }
}
