using System.Collections.Immutable;

namespace Provision.Kernel.Launch;

/// <summary>Programs that tests start from.</summary>
internal static class Programs
{
    public static LaunchProgram Of(params ImmutableArray<Step> steps) => new("test", CloneFlags.None, [], steps);

    public static Step Call(SystemCall call, params ImmutableArray<Argument> arguments) => new(call, arguments);

    public static Step Exec(string path, params string[] arguments) =>
        Call(SystemCall.Execve, path, Argument.Vector([path, .. arguments]), Argument.Environment([]));

    public static Step GetPid => Call(SystemCall.GetPid) with { Result = "self" };

    public static Step KillSelf(int signal) => Call(SystemCall.Kill, Argument.Slot("self"), signal);
}
