using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Kernel.Selinux;
using Provision.Reconciler;

namespace Provision.Drivers.SelinuxPolicy;

/// <summary>
/// A host's SELinux in memory. Made of lines: <c>off</c>, <c>mode permissive</c>, <c>boolean NAME on|off</c>,
/// <c>module NAME INSTANCE STACK RESOURCE SOURCE</c> (- - - for one without a mark), <c>unreadable</c>, <c>no-library</c>,
/// <c>file PATH TYPE LEVEL</c>.
/// </summary>
internal sealed class FakeSelinux : ISelinuxReader, IOperationExecutor
{
    private readonly Dictionary<string, string> _modules = [];
    private readonly Dictionary<string, bool> _booleans = [];
    private readonly SortedDictionary<string, string> _labels = new(StringComparer.Ordinal);
    private readonly bool _unreadable;
    private bool _enforcing = true;

    public FakeSelinux(IEnumerable<string> lines)
    {
        foreach (var words in lines.Where(static l => l.Length > 0).Select(static l => l.Split(' ', 6)))
            switch (words)
            {
                case ["off"]:
                    Layer = new SecurityLayer(false, "the model has no selinuxfs");
                    break;
                case ["mode", var mode]:
                    _enforcing = mode == SelinuxPolicyFields.Enforcing;
                    break;
                case ["boolean", var name, var value]:
                    _booleans[name] = value == "on";
                    break;
                case ["module", var name, "-", "-", "-", var source]:
                    _modules[name] = Cil(source);
                    break;
                case ["module", var name, var instance, var stack, var resource, var source]:
                    _modules[name] = new ModuleMark(new Scope(instance, stack), Spec.ResourceId.Parse(resource)!.Value, Spec.DeletionPolicy.Delete).On(Cil(source));
                    break;
                case ["file", var path, var type, var level]:
                    _labels[path] = $"system_u:object_r:{type}:{level}";
                    break;
                case ["unreadable"]:
                    _unreadable = true;
                    break;
                case ["no-library"]:
                    NoModules = "libsemanage is not installed";
                    break;
                default:
                    throw new ArgumentException(string.Join(' ', words), nameof(lines));
            }
    }

    public SecurityLayer Layer { get; } = new(true, "the model has selinuxfs");

    public string? NoModules { get; }

    public bool IsEnforcing() => _enforcing;

    public bool? Boolean(string name) => _booleans.TryGetValue(name, out var value) ? value : null;

    public ImmutableSortedDictionary<string, StoredModule> Modules() => _unreadable
        ? throw new KernelException(new KernelError("open", "the store", null, 13))
        : _modules.ToImmutableSortedDictionary(static m => m.Key, static m => new StoredModule(m.Key, m.Value), StringComparer.Ordinal);

    public IEnumerable<FileLabel>? Labels(string path, bool recurse) => !_labels.ContainsKey(path) ? null :
    [
        .. _labels.Where(l => l.Key == path || (recurse && l.Key.StartsWith(path + "/", StringComparison.Ordinal)))
            .Select(l => new FileLabel(l.Key.Length == path.Length ? "" : l.Key[(path.Length + 1)..], l.Value)),
    ];

    public bool Handles(Operation operation) => operation is SelinuxOperation;

    public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel)
    {
        foreach (var operation in independent)
            switch (operation)
            {
                case SelinuxSetMode mode:
                    _enforcing = mode.Enforcing;
                    break;
                case SelinuxSetBoolean boolean:
                    _booleans[boolean.Name] = boolean.Value;
                    break;
                case SelinuxInstallModule install:
                    _modules[install.Name] = install.Cil;
                    break;
                case SelinuxRelabel relabel:
                    foreach (var file in Labels(relabel.Path, relabel.Recurse)!)
                        _labels[file.Path.Length == 0 ? relabel.Path : $"{relabel.Path}/{file.Path}"] = relabel.Label;
                    break;
                case SelinuxRemoveModule remove:
                    _modules.Remove(remove.Name);
                    break;
            }

        return [.. independent.Select(static _ => (KernelError?)null)];
    }

    private static string Cil(string source) => source == SelinuxPolicyFields.BuiltIn ? ProvisionModule.Cil : source + "\n";
}
