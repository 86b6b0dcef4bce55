using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Cli;

/// <summary>What a reading command does before it reads: it gives up, for good, to change anything.</summary>
internal static class ReadingOnly
{
    /// <param name="output">The file of <c>--out</c>, opened before.</param>
    /// <exception cref="StopException">The kernel takes no filter: nothing was read then, rather than read with the power to write.</exception>
    public static void Begin(Session session, PreparedFile? output = null)
    {
        try
        {
            session.Host.ReadOnly(output);
        }
        catch (KernelException refused)
        {
            throw new StopException(
                ExitCode.LayerMissing,
                $"{refused.Message}: commands that read wear a seccomp filter, so that they can change nothing; nothing was read",
                "the kernel needs CONFIG_SECCOMP_FILTER, and whatever confines this process must let seccomp(2) through");
        }
    }
}
