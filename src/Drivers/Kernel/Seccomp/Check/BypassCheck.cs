using System.Collections.Immutable;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>Calls whose arguments lie in memory, where no filter sees them, and which do what others are restricted in.</summary>
internal sealed class BypassCheck(ArchRules arch, DiagnosticBag bag)
{
    // The calls of socketcall(2) by their number there (linux/net.h), from SYS_SOCKET = 1.
    private static readonly ImmutableArray<string> Sockets =
    [
        "socket", "bind", "connect", "listen", "accept", "getsockname", "getpeername", "socketpair", "send", "recv", "sendto", "recvfrom",
        "shutdown", "setsockopt", "getsockopt", "sendmsg", "recvmsg", "accept4", "recvmmsg", "sendmmsg",
    ];

    public void Check()
    {
        Socketcall();
        Clone();
    }

    private void Socketcall()
    {
        var reached = Sockets.Where((_, i) => arch.MayPass("socketcall", (ulong)i + 1));
        var restricted = reached.Where(n => arch.Arch.Table.Number(n) is not null && arch.Constant(n) is not { LetsThrough: true }).ToList();
        if (restricted.Count > 0)
            bag.Warn(
                SeccompCodes.Socketcall,
                $"on {arch.Arch.Name} socketcall reaches {string.Join(", ", restricted)} whatever their own rules say",
                (arch.Find("socketcall") ?? restricted.Select(arch.Find).FirstOrDefault(static c => c is not null))?.All[0].Name.Span ?? SourceSpan.None,
                $"leave socketcall or the architecture {arch.Arch.OciName} out");
    }

    private void Clone()
    {
        var restricted = arch.Constant("clone") is not { LetsThrough: true };
        var allowed = arch.Constant("clone3");
        if (restricted && arch.MayPass("clone3"))
            bag.Error(
                SeccompCodes.Clone3,
                $"on {arch.Arch.Name} clone3 is allowed and takes its flags from memory, where a filter does not see them: it does what clone is denied",
                arch.Find("clone3")?.All[0].Name.Span ?? arch.Find("clone")?.All[0].Name.Span ?? SourceSpan.None,
                "let clone3 return ENOSYS (errnoRet 38): C libraries then use clone");
        // Only where clone works at all does anybody fall back to it.
        if (arch.Find("clone")?.Effective.Any(static r => r.Action.LetsThrough) == true && allowed is { IsErrno: true, Data: not SeccompAction.ENOSYS } error)
            bag.Warn(
                SeccompCodes.Clone3Errno,
                $"on {arch.Arch.Name} clone3 returns {error}: C libraries fall back to clone on ENOSYS alone, and threads fail",
                (arch.Find("clone3") ?? arch.Find("clone"))!.All[0].Name.Span,
                "give clone3 a rule with errnoRet 38");
    }
}
