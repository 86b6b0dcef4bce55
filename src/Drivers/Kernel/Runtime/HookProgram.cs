using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;

namespace Provision.Kernel.Runtime;

/// <summary>The programs that become hooks with the rights of the one who runs the runtime. Pure but for that one's environment.</summary>
internal static class HookProgram
{
    public static LaunchProgram OnHost(RuntimeHook hook, string directory) =>
        new(RuntimeHook.Name, CloneFlags.None, [LaunchInputs.Stdin, LaunchInputs.Stdout, LaunchInputs.Stderr], Body(hook, directory));

    /// <summary>
    /// In a container's namespaces, by a pidfd; the second clone is what its pid namespace holds. setns(2) ends on top of
    /// all that covers the root: what the container's process still sees is the host's tree below, by a descriptor.
    /// </summary>
    public static LaunchProgram InNamespaces(RuntimeHook hook, string directory, NamespaceSet namespaces)
    {
        System.Collections.Immutable.ImmutableArray<string> inputs = [Slots.Init, Slots.Root, LaunchInputs.Stdin, LaunchInputs.Stdout, LaunchInputs.Stderr];
        var to = new StepList();
        ExecSteps.Begin(to);
        EntrySteps.Enter(to, namespaces);
        if (namespaces.User.Kind != NamespaceKind.Host)
            CredentialSteps.BecomeRoot(to);
        to.Add(SystemCall.Fchdir, Slots.Of(Slots.Root));
        to.Add(SystemCall.Chroot, ".");
        to.Add(new Step(SystemCall.Clone3, []) { Child = new LaunchProgram(RuntimeHook.Name, CloneFlags.Parent, inputs, Body(hook, directory)), Result = LaunchProgram.ChildPid });
        return new(RuntimeHook.Name, CloneFlags.Files, inputs, to.ToImmutable());
    }

    private static System.Collections.Immutable.ImmutableArray<Step> Body(RuntimeHook hook, string directory)
    {
        var to = new StepList();
        ExecSteps.Begin(to);
        to.Add(SystemCall.SetSid);
        to.Add(SystemCall.Chdir, directory);
        ExecSteps.Stdio(to);
        ExecSteps.Reset(to);
        to.Add(SystemCall.Execve, hook.Path, Argument.Vector(hook.Args.Count == 0 ? [hook.Path] : hook.Args), Argument.Environment(hook.Env ?? Own()));
        return to.ToImmutable();
    }

    private static List<string> Own()
    {
        List<string> all = [];
        foreach (System.Collections.DictionaryEntry variable in Environment.GetEnvironmentVariables())
            all.Add($"{variable.Key}={variable.Value}");
        return all;
    }
}
