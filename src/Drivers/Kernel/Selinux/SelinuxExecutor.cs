using System.Text;
using Provision.Reconciler;

namespace Provision.Kernel.Selinux;

/// <summary>Performs <see cref="SelinuxOperation"/>s; the only code that changes a host's SELinux.</summary>
public sealed class SelinuxExecutor(ISecurityReader security) : IOperationExecutor
{
    public bool Handles(Operation operation) => operation is SelinuxOperation;

    public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel) => [.. independent.Select(Perform)];

    private KernelError? Perform(Operation operation) => operation switch
    {
        SelinuxSetMode mode => Write("enforce", mode.Enforcing),
        SelinuxSetBoolean boolean => Write($"booleans/{boolean.Name}", boolean.Value) ?? Write("commit_pending_bools", true),
        SelinuxInstallModule install => Semanage.Commit(install.Name, Encoding.UTF8.GetBytes(install.Cil)),
        SelinuxRemoveModule remove => InUse(remove) ?? Semanage.Commit(remove.Name, null),
        SelinuxRelabel relabel => Relabel(relabel),
        SelinuxRestoreLabels restore => Labels(restore.Path, restore.Labels.Where(static l => l.Label.Length > 0)),
        _ => throw new ArgumentException($"not an operation on SELinux: {operation}", nameof(operation)),
    };

    private KernelError? InUse(SelinuxRemoveModule remove)
    {
        var used = security.Labels().Where(l => l.Split(':') is [_, _, var type, ..] && remove.Types.Contains(type)).Order(StringComparer.Ordinal).ToList();
        return used.Count == 0 ? null : new KernelError(
            "remove", $"policy module {remove.Name}", null, Errno.EBUSY, $"processes run with its types ({string.Join(", ", used)}), and would be refused everything without it");
    }

    private static KernelError? Relabel(SelinuxRelabel relabel)
    {
        var wanted = new FileLabel("", relabel.Label).Parts;
        try
        {
            using var tree = FileLabels.Open(relabel.Path);
            return tree is null ? Gone(relabel.Path) : Set(tree, tree.Read(relabel.Recurse).Where(l => l.Parts != wanted).Select(l => l with { Label = relabel.Label }));
        }
        catch (KernelException refused)
        {
            return refused.Error with { Halfway = true };
        }
    }

    private static KernelError? Labels(string path, IEnumerable<FileLabel> labels)
    {
        try
        {
            using var tree = FileLabels.Open(path);
            return tree is null ? Gone(path) : Set(tree, labels);
        }
        catch (KernelException refused)
        {
            return refused.Error;
        }
    }

    private static KernelError? Set(FileLabels tree, IEnumerable<FileLabel> labels)
    {
        var done = 0;
        foreach (var label in labels)
            if (tree.Set(label) is { } error)
                return error with { Halfway = done > 0 };
            else
                done++;
        return null;
    }

    private static KernelError Gone(string path) => new("open", path, null, Errno.ENOENT);

    private static KernelError? Write(string path, bool value)
    {
        var (full, text) = ($"{SelinuxReader.FileSystem}/{path}", value ? "1" : "0");
        var (file, errno) = Sys.Open(Libc.AT_FDCWD, full, Libc.O_WRONLY);
        if (file is null)
            return new KernelError("open", full, text, errno);
        using (file)
            errno = Sys.WriteAll(file, Encoding.ASCII.GetBytes(text));
        return errno == 0 ? null : new KernelError("write", full, text, errno);
    }
}
