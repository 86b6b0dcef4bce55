using System.Collections.Immutable;
using Microsoft.Win32.SafeHandles;
using Provision.Reconciler;

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
    private readonly SafeFileHandle? _namespace = OpenOwn();

    /// <summary>The tables whose sysctl is 1, in the namespace that this was made in; none where sysctls cannot be read.</summary>
    public ImmutableArray<string> Read() => _namespace is null || NameOfOwn() == _name
        ? ReadHere()
        : NetworkNamespace.Run($"/proc/self/fd/{_namespace.DangerousGetHandle()}", ReadHere);

    public void Dispose() => _namespace?.Dispose();

    private static ImmutableArray<string> ReadHere()
    {
        try
        {
            using var sysctls = new DirectoryReader("/proc/sys/net", Resolve.Beneath);
            return [.. Tables.Where(t => sysctls.Read($"bridge/bridge-nf-call-{t}")?.Trim() == "1")];
        }
        catch (KernelException hidden) when (hidden.Error.Errno is Errno.ENOENT or Errno.EACCES or Errno.EPERM)
        {
            return [];
        }
    }

    // Without /proc there is no way back to this namespace, and no sysctl to read.
    private static SafeFileHandle? OpenOwn()
    {
        try
        {
            return File.OpenHandle(Own);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // net:[4026531840]
    private static string? NameOfOwn() => new FileInfo(Own).LinkTarget;
}
