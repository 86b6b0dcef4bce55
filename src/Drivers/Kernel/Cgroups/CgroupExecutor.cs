using System.Collections.Immutable;
using Provision.Kernel.Supervise;
using Provision.Reconciler;

namespace Provision.Kernel;

/// <summary>Performs <see cref="CgroupOperation"/>s; the only code that changes cgroups.</summary>
public sealed class CgroupExecutor : IOperationExecutor, IDisposable
{
    // Below this many it costs more to share the work than to do it.
    private const int WorthSharing = 16;

    private readonly ImmutableDictionary<string, DirectoryWriter> _roots;
    private readonly CgroupLayout _layout;
    private readonly ParallelOptions _parallel = new() { MaxDegreeOfParallelism = Math.Min(Environment.ProcessorCount, 8) };

    public CgroupExecutor(CgroupLayout layout)
    {
        _layout = layout;
        _roots = layout.Hierarchies.ToImmutableDictionary(
            static h => h.Name,
            static h => new DirectoryWriter(new DirectoryReader(h.MountPoint, CgroupReader.Rules(h))));
    }

    public bool Handles(Operation operation) => operation is CgroupOperation;

    public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel)
    {
        var errors = new KernelError?[independent.Count];
        if (independent.Count < WorthSharing)
            for (var i = 0; i < errors.Length; i++)
                errors[i] = Perform(independent[i]);
        else
            Parallel.For(0, errors.Length, _parallel, i => errors[i] = Perform(independent[i]));
        return errors;
    }

    public void Dispose()
    {
        foreach (var root in _roots.Values)
            root.At.Dispose();
    }

    private KernelError? Perform(Operation operation)
    {
        try
        {
            return operation switch
            {
                CgroupCreate create => Create(create),
                CgroupRemove remove => Remove(remove),
                CgroupKill kill => Kill(kill.Path),
                CgroupWrite write => Write(write.Hierarchy, write.Path, write.File, write.Value),
                CgroupWrites writes => InTurn(writes.Values.Select(v => (Func<KernelError?>)(() => _roots[writes.Hierarchy].Write($"{writes.Path}/{v.File}", v.Value)))),
                CgroupMark mark => Mark(mark),
                CgroupEnable enable => SubtreeControl.Enable(Unified, enable.Path, enable.Controllers),
                CgroupDisable disable => SubtreeControl.Disable(Unified, disable.Path, disable.Controllers),
                CgroupDevices devices => Devices(devices),
                _ => throw new ArgumentException($"not an operation on cgroups: {operation}", nameof(operation)),
            };
        }
        catch (KernelException refused)
        {
            return refused.Error;
        }
    }

    private DirectoryWriter Unified => _roots[_layout.Unified?.Name ?? throw new InvalidOperationException("no cgroup v2 hierarchy is mounted")];

    private KernelError? Write(string hierarchy, string path, string file, string value)
    {
        var root = _roots[hierarchy];
        var target = path.Length == 0 ? file : $"{path}/{file}";
        if (value.Length == 0)
            return new KernelError("write", root.At.Full(target), "", Errno.EINVAL, "an empty string would mean 0");
        if (CpuBandwidth.IsIn(_layout.Named(hierarchy)!, file))
            return CpuBandwidth.Write(root, target, value);
        return file == CpusetPartition.File
            ? CpusetPartition.Write(root, path, value)
            : RefusalReason.Explain(root.Write(target, value), _layout.Named(hierarchy)!, file);
    }

    private KernelError? Create(CgroupCreate create)
    {
        for (var i = 0; i < create.Hierarchies.Length; i++)
        {
            var name = create.Hierarchies[i];
            var error = _roots[name].MakeDirectory(create.Path);
            var made = error is null;
            if (made)
                error = CpusetStart.Initialise(_roots[name], _layout.Named(name)!, create.Path);
            if (error is null)
                continue;
            // An operation that failed has changed nothing.
            for (var back = made ? i : i - 1; back >= 0; back--)
                _roots[create.Hierarchies[back]].RemoveDirectory(create.Path);
            return error;
        }

        return null;
    }

    private KernelError? Remove(CgroupRemove remove) => InTurn(remove.Hierarchies.Reverse().Select(name => (Func<KernelError?>)(() =>
        _roots[name].RemoveDirectory(remove.Path) is { } error && error.Errno != Errno.ENOENT ? error : null)));

    private KernelError? Kill(string path)
    {
        const int rounds = 1000;
        using var pause = new ManualResetEventSlim();
        for (var round = 0; ; round++)
        {
            var pids = Inside().ToList();
            if (pids.Count == 0)
                return null;
            if (round == rounds)
                return new KernelError("kill", path, string.Join(' ', pids), Errno.EBUSY);
            CgroupKilling.Kill(pids, Inside);
            pause.Wait(TimeSpan.FromMilliseconds(10));
        }

        IEnumerable<int> Inside() => _roots.Values.SelectMany(r => LeafCgroup.Pids(r.At.Read($"{path}/cgroup.procs"))).Distinct();
    }

    private KernelError? Mark(CgroupMark mark)
    {
        var root = _roots[_layout.Primary.Name];
        var removals = CgroupMarks.All.Reverse().Where(name => mark.Marks.TryGetValue(name, out var value) && value is null)
            .Select(name => (Func<KernelError?>)(() => root.RemoveAttribute(mark.Path, CgroupMarks.Prefix + name)));
        var settings = CgroupMarks.All.Where(name => mark.Marks.GetValueOrDefault(name) is not null)
            .Select(name => (Func<KernelError?>)(() => root.SetAttribute(mark.Path, CgroupMarks.Prefix + name, mark.Marks[name]!)));
        return InTurn(removals.Concat(settings));
    }

    /// <summary>Steps of one operation; the error of the first that fails says whether others had gone before.</summary>
    private static KernelError? InTurn(IEnumerable<Func<KernelError?>> steps)
    {
        var done = 0;
        foreach (var step in steps)
            if (step() is { } error)
                return error with { Halfway = done > 0 };
            else
                done++;
        return null;
    }

    private KernelError? Devices(CgroupDevices devices)
    {
        var at = Unified.At;
        var (directory, errno) = at.Open(devices.Path, Libc.O_RDONLY | Libc.O_DIRECTORY);
        if (directory is null)
            return new KernelError("open", at.Full(devices.Path), null, errno);
        using (directory)
            return devices.Allow is { } rules
                ? BpfDevices.Attach(directory, at.Full(devices.Path), rules)
                : BpfDevices.Detach(directory, at.Full(devices.Path));
    }
}
