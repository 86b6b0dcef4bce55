using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

// Two classes at a time: the kernel's big locks (rtnl, cgroup_mutex) make more of them useless on two cores.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
