namespace Provision.Kernel.Supervise;

/// <summary>Where the supervisor of an instance keeps what it needs. All of it is root's alone.</summary>
public sealed record SupervisorPaths(string Instance, string RunDirectory, string StateDirectory)
{
    public static SupervisorPaths Of(string instance) => new(instance, $"/run/provision/{instance}", $"/var/lib/provision/{instance}");

    /// <summary>Of mode 0700: who cannot enter it cannot reach the socket.</summary>
    public string Directory => Path.Combine(RunDirectory, "supervisor");

    public string Socket => Path.Combine(Directory, "socket");

    /// <summary>Held by the one supervisor of the instance for as long as it lives.</summary>
    public string Lock => Path.Combine(Directory, "lock");

    /// <summary>What the supervisor itself has to say.</summary>
    public string Log => Path.Combine(Directory, "messages");

    public string Orders => Path.Combine(Directory, "orders");

    public string Fifos => Path.Combine(Directory, "fifos");

    public string Order(string name) => Path.Combine(Orders, name + ".json");

    public string Fifo(string name) => Path.Combine(Fifos, name);

    public string Logs => Path.Combine(StateDirectory, "logs");

    public string LogOf(string name) => Path.Combine(Logs, name);

    /// <summary>The supervisor's own cgroup, relative to the hierarchies' mount points.</summary>
    public string Cgroup => $"{CgroupLayout.InstanceRoot(Instance)}/supervisor";
}
