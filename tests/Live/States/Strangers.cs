namespace Provision.Testing.States;

/// <summary>
/// What others have beside Provision's objects and in their midst: links, bridges and addresses in a world's namespace,
/// cgroups below the instance's root and below one of its Cgroups. Whatever is applied or destroyed, they stay as they are.
/// </summary>
internal sealed class Strangers(World world)
{
    private readonly List<string> _cgroups = [];

    /// <param name="below">Directory names of Cgroups that stay, or null.</param>
    public void Settle(string? below)
    {
        string[] lines =
        [
            "link add frbr type bridge ageing_time 4200", "link add fr0 mtu 1432 type veth peer name fr1", "link set fr0 master frbr",
            "link set fr1 alias \"provision/v1 of somebody else\"", "link set frbr up", "link set fr0 up", "link set fr1 up", "address add 10.88.0.77/24 dev fr1",
            "address add 198.51.100.1/24 dev frbr", "route add 203.0.113.0/24 via 198.51.100.9", "address add fd00:77::1/64 dev fr1 nodad",
        ];
        Command.Run(new System.Diagnostics.ProcessStartInfo("ip", ["-n", world.Netns.Name, "-batch", "-"]), string.Join('\n', lines)).Succeeded();
        foreach (var controller in (string[])["pids", "memory", "cpu"])
            foreach (var at in (string[])["theirs", .. below is null ? Array.Empty<string>() : [$"{below}/theirs"]])
            {
                var directory = world.Instance.Cgroup(controller, at);
                // In a root that is not there yet they would be the ones who made it.
                if (!Directory.Exists(Path.GetDirectoryName(directory)))
                    continue;
                Directory.CreateDirectory(directory);
                if (File.Exists($"{directory}/{controller}.max"))
                    File.WriteAllText($"{directory}/{controller}.max", controller == "pids" ? "77" : "77000000");
                _cgroups.Add(directory);
            }
    }

    public string Picture() => string.Join('\n',
    [
        .. Witness.Network(world.Netns.Run("sh", "-c", "ip -j -d address; ip -j route show table all"), new HashSet<string>(), static name => name.StartsWith("fr", StringComparison.Ordinal)),
        .. _cgroups.Distinct().SelectMany(Witness.Cgroup),
    ]);

    public void Leave()
    {
        foreach (var directory in _cgroups.Distinct().Reverse().Where(Directory.Exists))
            Directory.Delete(directory);
        foreach (var link in (string[])["fr0", "frbr"])
            world.Netns.Ip($"link delete {link}");
    }
}
