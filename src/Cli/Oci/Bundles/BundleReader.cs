using System.Collections.Immutable;
using System.Text.Json;
using Provision.Kernel.Runtime;
using Provision.Kernel.Sandbox;

namespace Provision.Cli.Oci;

/// <summary>
/// Reads config.json (OCI runtime specification 1.x). Pure. What the specification does not name is passed over, as it
/// wants it; what it names and cannot be done is a refusal.
/// </summary>
public static class BundleReader
{
    /// <param name="json">The whole file.</param>
    /// <param name="bundle">Absolute path of its directory.</param>
    /// <param name="id">The container's, for errors and where its cgroup is not named.</param>
    public static BundleReading Read(string json, string bundle, string id, BundleHost host)
    {
        List<Refusal> refusals = [];
        if (Parse(json, refusals) is not { } document)
            return new BundleReading(null, refusals);
        using (document)
        {
            var read = Read(new Member(document.RootElement, "", refusals), bundle, id, host, refusals);
            return new BundleReading(refusals.Count == 0 ? read : null, refusals);
        }
    }

    /// <summary>A process for a running container.</summary>
    /// <param name="process">The member <c>process</c> alone, as <c>exec --process</c> has it.</param>
    /// <param name="config">Of the container; what the process does not say is as there.</param>
    public static ProcessReading ReadProcess(string process, string config, string bundle, string id, BundleHost host)
    {
        var container = Read(config, bundle, id, host);
        if (container.Bundle is null)
            return new ProcessReading(null, false, null, container.Refusals);
        List<Refusal> refusals = [];
        if (Parse(process, refusals) is not { } document)
            return new ProcessReading(null, false, null, refusals);
        using var whole = JsonDocument.Parse(config);
        using (document)
        {
            var member = new Member(document.RootElement, "process", refusals);
            var spec = ProcessMembers.Read(member, new Member(whole.RootElement, "", refusals), container.Bundle.Spec.Sandbox, host, gated: false);
            if (member["user"]["umask"].Small() is { } umask && umask != container.Bundle.Spec.Umask)
                member["user"]["umask"].Refuse("a process has the umask of its container");
            return new ProcessReading(refusals.Count == 0 ? spec : null, member["terminal"].Flag(), ProcessMembers.Size(member), refusals);
        }
    }

    /// <summary>Options of mounts that are known whatever the file system.</summary>
    public static IEnumerable<string> MountOptions => MountReader.Options;

    /// <summary>Types of namespaces.</summary>
    public static IReadOnlyList<string> Namespaces => NamespaceMembers.Types;

    /// <summary>Of a config.json that was read before.</summary>
    public static ImmutableSortedDictionary<string, string> Annotations(string config) => Known(config, static m => Annotations(m));

    /// <inheritdoc cref="Annotations(string)"/>
    public static BundleHooks Hooks(string config) => Known(config, static m => Hooks(m));

    /// <inheritdoc cref="Annotations(string)"/>
    public static string RootOf(string config, string bundle) => Known(config, m => Path.GetFullPath(m["root"]["path"].Text() ?? "", bundle));

    /// <summary>New limits for a container's cgroup.</summary>
    /// <param name="resources">The member <c>linux.resources</c> alone.</param>
    public static (RuntimeLimits Limits, IReadOnlyList<Refusal> Refusals) ReadResources(string resources, BundleHost host)
    {
        List<Refusal> refusals = [];
        if (Parse(resources, refusals) is not { } document)
            return (RuntimeLimits.None, refusals);
        using (document)
            return (ResourceReader.Read(new Member(document.RootElement, "", refusals), [], host.Unified), refusals);
    }

    private static T Known<T>(string config, Func<Member, T> read)
    {
        using var document = JsonDocument.Parse(config);
        return read(new Member(document.RootElement, "", []));
    }

    private static BundleHooks Hooks(Member config) =>
        new(Hooks(config, "prestart"), Hooks(config, "createRuntime"), Hooks(config, "poststart"), Hooks(config, "poststop"));

    private static ImmutableSortedDictionary<string, string> Annotations(Member config) =>
        config["annotations"].Members().ToImmutableSortedDictionary(static a => a.Name, static a => a.Value.Text() ?? "", StringComparer.Ordinal);

    private static JsonDocument? Parse(string json, List<Refusal> refusals)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException wrong)
        {
            refusals.Add(new Refusal("", $"it is no JSON: {wrong.Message}"));
            return null;
        }
    }

    private static Bundle Read(Member config, string bundle, string id, BundleHost host, List<Refusal> refusals)
    {
        var version = config["ociVersion"].Required();
        if (version.Length > 0 && !version.StartsWith("1.", StringComparison.Ordinal))
            config["ociVersion"].Refuse("only version 1 of the runtime specification is known");
        Unsupported.Refuse(config);
        var linux = config["linux"];
        var namespaces = NamespaceMembers.Read(linux);
        var spec = new SandboxSpec
        {
            Name = id,
            Root = new RootSpec(RootKind.Directory, Path.GetFullPath(config["root"]["path"].Required(), bundle), config["root"]["readonly"].Flag(), false, null, null, []),
            Namespaces = namespaces,
            IdMaps = NamespaceMembers.Maps(linux, namespaces),
            Hostname = config["hostname"].Filled(),
            Sysctls = NamespaceMembers.Sysctls(linux["sysctl"], namespaces),
            Command = [],
        };
        if (spec.Hostname is not null && namespaces.Uts.Kind == NamespaceKind.Host)
            config["hostname"].Refuse("the container shares the host's uts namespace");
        if (config["domainname"].Filled() is not null && namespaces.Uts.Kind == NamespaceKind.Host)
            config["domainname"].Refuse("the container shares the host's uts namespace");
        var process = config["process"];
        if (!process.IsThere)
            process.Refuse("is missing");
        else
            spec = ProcessMembers.Read(process, config, spec, host, gated: true);
        return new Bundle(
            version,
            new RuntimeSpec
            {
                Sandbox = spec,
                Mounts = MountReader.Read(config, bundle),
                Devices = Devices(linux["devices"]),
                RootPropagation = RootPropagation(linux["rootfsPropagation"]),
                Domainname = config["domainname"].Filled(),
                Umask = process["user"]["umask"].Small() ?? 18,
                Terminal = process["terminal"].Flag(),
                TerminalSize = ProcessMembers.Size(process),
            },
            Cgroup(linux["cgroupsPath"], id),
            ResourceReader.Read(linux["resources"], Devices(linux["devices"]), host.Unified),
            Hooks(config),
            Annotations(config));
    }

    private static MountPropagation RootPropagation(Member member)
    {
        if (member.Filled() is not { } text)
            return MountPropagation.Unchanged;
        if (MountReader.Propagation(text, out _) is { } known)
            return known;
        member.Refuse("must be private, slave, shared or unbindable, with or without an r before it");
        return MountPropagation.Unchanged;
    }

    private static string Cgroup(Member member, string id)
    {
        if (member.Filled() is not { } path)
            return "provision-oci/" + id;
        var relative = path.Trim('/');
        if (path.Contains(':'))
            member.Refuse("a slice of systemd's; cgroups are made as directories here (podman --cgroup-manager cgroupfs)");
        else if (relative.Length == 0 || relative.Split('/').Any(static p => p is "" or "." or ".."))
            member.Refuse("must be a path without . and .., and not the root");
        return relative;
    }

    private static IReadOnlyList<DeviceSpec> Devices(Member devices)
    {
        List<DeviceSpec> all = [];
        foreach (var device in devices.Items())
        {
            var type = device["type"].Required();
            if (type is not ("c" or "u" or "b"))
                device["type"].Refuse("must be c, u or b: other nodes are no devices");
            var path = device["path"].Required();
            if (!path.StartsWith("/dev/", StringComparison.Ordinal) || path.Split('/').Any(static p => p is "." or ".."))
                device["path"].Refuse("must lie below /dev");
            var (major, minor) = (device["major"].Small() ?? 0, device["minor"].Small() ?? 0);
            all.RemoveAll(d => d.Path == path);
            all.Add(new DeviceSpec(path, type == "b" ? DeviceType.Block : DeviceType.Char, major, minor,
                device["fileMode"].Small() ?? 0x1B6, device["uid"].Small() ?? 0, device["gid"].Small() ?? 0));
        }

        return all;
    }

    private static IReadOnlyList<RuntimeHook> Hooks(Member config, string moment)
    {
        List<RuntimeHook> all = [];
        foreach (var hook in config["hooks"][moment].Items())
        {
            var path = hook["path"].Required();
            if (!path.StartsWith('/'))
                hook["path"].Refuse("must be an absolute path");
            var timeout = hook["timeout"].Number();
            if (timeout is <= 0 or > int.MaxValue)
                hook["timeout"].Refuse("must be a number of seconds, at least 1");
            all.Add(new RuntimeHook(path, hook["args"].Texts(), hook["env"].Texts(), (int?)timeout));
        }

        return all;
    }
}
