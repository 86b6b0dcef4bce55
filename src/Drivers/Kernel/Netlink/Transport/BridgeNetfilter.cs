using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;

namespace Provision.Kernel.Netlink;

/// <summary>
/// Which firewalls see the frames that bridges forward: the sysctls of br_netfilter, which a network namespace has of
/// its own (Documentation/networking/ip-sysctl.rst, bridge-nf-call-*). Absent while the module is not loaded.
/// </summary>
internal sealed class BridgeNetfilter : IDisposable
{
    private const string Own = "/proc/thread-self/ns/net";
    private static readonly ImmutableArray<string> Tables = ["iptables", "ip6tables", "arptables"];

    private readonly string? _name = NameOfOwn();
    private readonly SafeFileHandle _namespace = File.OpenHandle(Own);

    /// <summary>The tables whose sysctl is 1, in the namespace that this was made in.</summary>
    public ImmutableArray<string> Read() => NameOfOwn() == _name
        ? ReadHere()
        : NetworkNamespace.Run($"/proc/self/fd/{_namespace.DangerousGetHandle()}", ReadHere);

    public void Dispose() => _namespace.Dispose();

    private static ImmutableArray<string> ReadHere()
    {
        using var sysctls = new DirectoryReader("/proc/sys/net", Resolve.Beneath);
        return [.. Tables.Where(t => sysctls.Read($"bridge/bridge-nf-call-{t}")?.Trim() == "1")];
    }

    // net:[4026531840]
    private static string? NameOfOwn() => new FileInfo(Own).LinkTarget;
}
