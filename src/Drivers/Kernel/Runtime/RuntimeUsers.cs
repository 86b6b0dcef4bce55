using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Runtime;

/// <summary>What a root says of its users (passwd(5)).</summary>
public static class RuntimeUsers
{
    private const string Variable = "HOME=", Nowhere = "/";
    private const int Fields = 7;

    /// <summary>The environment with HOME: what is there stays, else that of the user in the root's /etc/passwd, else <c>/</c>.</summary>
    public static IReadOnlyList<string> WithHome(SandboxSpec spec) =>
        spec.Env.Any(static v => v.StartsWith(Variable, StringComparison.Ordinal)) ? spec.Env
        : [.. spec.Env, Variable + (spec.Root.Directory is { } root ? HomeOf(RootFile.Text(root, "etc/passwd") ?? "", spec.User.Uid) : Nowhere)];

    /// <summary>Of the first line with this user's number; <c>/</c> where there is none or it says no absolute path.</summary>
    /// <param name="passwd">The whole file, which nobody vouches for.</param>
    public static string HomeOf(string passwd, uint uid)
    {
        foreach (var line in passwd.Split('\n'))
            if (line.Split(':') is { Length: Fields } fields
                && uint.TryParse(fields[2], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number == uid)
                return fields[5].StartsWith('/') && !fields[5].Contains('\0') ? fields[5] : Nowhere;
        return Nowhere;
    }
}
