namespace Provision.Cli;

/// <summary>What needs root, and what is worth less without it.</summary>
internal static class Privilege
{
    public static void Require(Session session, string command)
    {
        if (!session.Host.IsRoot())
            throw new StopException(ExitCode.Error,
                $"{command} needs root: links are changed with CAP_NET_ADMIN, cgroups and their marks with CAP_SYS_ADMIN; nothing was changed",
                "validate and plan run without");
    }

    /// <summary>The marks of cgroups are trusted.* xattrs, which only root can see (xattr(7)).</summary>
    public static void WarnUnlessRoot(Session session)
    {
        if (!session.Host.IsRoot())
            session.Output.Warn("without root the marks of cgroups cannot be read: what Provision made may look foreign");
    }
}
