using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;
using static Provision.Drivers.Cgroup.CgroupFields;

namespace Provision.Drivers.Cgroup;

/// <summary>The operations for one change of one cgroup.</summary>
internal sealed class CgroupPlanner(ICgroupReader reader, CgroupControllers controllers)
{
    private readonly AboveCheck _above = new(reader);

    public IReadOnlyList<Operation> Plan(ChangeRequest request, string path, DiagnosticBag bag) => request.Action switch
    {
        ChangeAction.Create => Create(request, path, bag),
        ChangeAction.Update => Update(request, bag),
        ChangeAction.Delete => Delete(request, bag),
        _ => [],
    };

    private List<Operation> Create(ChangeRequest request, string path, DiagnosticBag bag)
    {
        MarkFits(request, bag);
        _above.Check(request, path, controllers.Needed(request.Resource!), bag);
        var state = request.Live?.State as CgroupState;
        var operations = new List<Operation>();
        operations.AddRange(Directories(path, state));
        var marks = CgroupMarkText.Whole(request);
        operations.Add(new CgroupMark(path, marks)
        {
            // What removes the directory removes the marks as well.
            Undo = state is null ? null : new CgroupMark(path, marks.SetItems(marks.Keys.Select(n => KeyValuePair.Create(n, state.Marks.GetValueOrDefault(n))))),
        });
        operations.AddRange(Enable(path, request.Resource!));
        operations.AddRange(Writes(request, path, state).All);
        return operations;
    }

    private List<Operation> Update(ChangeRequest request, DiagnosticBag bag)
    {
        var state = (CgroupState)request.Live!.State!;
        var operations = new List<Operation>();
        if (request.Live.Ownership == Ownership.Owned)
            operations.AddRange(Directories(state.Path, state));
        var steps = Writes(request, state.Path, state);
        Refuse(request, state, steps, bag);
        if (controllers.All.Any(c => c.NeedsEnabling && !c.Fields.Any(f => request.Live.Live.Get(f) is not null) && c.Fields.Any(steps.Differs)))
        {
            _above.Check(request, state.Path, controllers.Needed(request.Resource!), bag);
            operations.AddRange(Enable(state.Path, request.Resource!));
        }

        operations.AddRange(steps.All);
        if (request.WriteMark)
        {
            MarkFits(request, bag);
            operations.Add(new CgroupMark(state.Path, CgroupMarkText.Make((CgroupMarks.Spec, CgroupMarkText.OfSpec(request.Resource!, request.Effective!))))
            {
                Undo = new CgroupMark(state.Path, CgroupMarkText.Make((CgroupMarks.Spec, state.Marks.GetValueOrDefault(CgroupMarks.Spec)))),
            });
        }

        return operations;
    }

    private static List<Operation> Delete(ChangeRequest request, DiagnosticBag bag)
    {
        var live = request.Live!;
        var state = (CgroupState)live.State!;
        if (live is { Ownership: Ownership.Owned, DeletionPolicy: DeletionPolicy.Orphan })
        {
            var marks = CgroupMarkText.Make([
                (CgroupMarks.Released, live.Id.ToString()),
                .. CgroupMarks.All.Where(state.Marks.ContainsKey).Select(static n => (n, (string?)null)),
            ]);
            return [new CgroupMark(state.Path, marks)
            {
                Undo = new CgroupMark(state.Path, marks.SetItems(marks.Keys.Select(n => KeyValuePair.Create(n, state.Marks.GetValueOrDefault(n))))),
            }];
        }

        var processes = state.Processes();
        if (processes > 0)
            bag.Error(CgroupCodes.HasProcesses,
                $"{live.Id}: {state.Path} has {processes} {(processes == 1 ? "process" : "processes")} in it and is not removed", SourceSpan.None,
                "end or move them first");
        if (state.ForeignChildren() is { Count: > 0 } foreign)
            bag.Error(CgroupCodes.HasForeignChildren,
                $"{live.Id}: {state.Path} has cgroups in it that Provision did not make: {string.Join(", ", foreign)}", SourceSpan.None,
                "remove or move them first");
        return [new CgroupRemove(state.Path, state.Hierarchies)];
    }

    // XATTR_SIZE_MAX: setxattr(2) ends in E2BIG above it.
    private static void MarkFits(ChangeRequest request, DiagnosticBag bag)
    {
        const int most = 65_536;
        if (Encoding.UTF8.GetByteCount(CgroupMarkText.OfSpec(request.Resource!, request.Effective!)) is var bytes && bytes > most)
            bag.Error(CgroupCodes.OutOfRange, $"{request.Id}: its spec is {bytes} bytes as the cgroup's mark; the kernel keeps no more than {most}",
                request.Resource!.Source.At(""), "name fewer devices, or spread them over several cgroups");
    }

    // Everywhere where it is not, the hierarchy with the marks first.
    private IEnumerable<Operation> Directories(string path, CgroupState? state)
    {
        var missing = state?.Missing ?? [.. reader.Layout.Hierarchies.Select(static h => h.Name)];
        if (missing.IsEmpty)
            return [];
        return [new CgroupCreate(path, missing, Completes: state is not null) { Undo = new CgroupRemove(path, missing, Takeback: true) }];
    }

    // From the instance's root down to the parent; above it the frame sees to it.
    private IEnumerable<Operation> Enable(string path, Resource resource)
    {
        var needed = controllers.Needed(resource);
        if (needed.IsEmpty)
            return [];
        var above = new Stack<string>();
        for (var at = CgroupPaths.Above(path); at.Length > 0; at = CgroupPaths.Above(at))
            above.Push(at);
        return above.SelectMany(at => Enable(at, needed));
    }

    // What is passed on already is not asked for again. A directory that is still to be made takes everything with it.
    private IEnumerable<Operation> Enable(string path, ImmutableArray<string> needed)
    {
        if (reader.Layout.Unified is not { } unified)
            return [];
        ImmutableArray<string> off = [.. needed.Except(EnabledControllers.Below(reader, unified, path))];
        return off.IsEmpty ? [] : [new CgroupEnable(path, off) { Undo = reader.Exists(unified, path) ? new CgroupDisable(path, off) : null }];
    }

    private Steps Writes(ChangeRequest request, string path, CgroupState? state)
    {
        var from = Overlay.Over(controllers.Fresh, request.Live?.Live ?? ObjectValue.Empty);
        var steps = new Steps(path, from, Overlay.Apply(from, request.Fields), state);
        foreach (var controller in controllers.All)
            if (controller.Fields.Any(steps.Differs))
                controller.Write(steps);
        return steps;
    }

    private static void Refuse(ChangeRequest request, CgroupState state, Steps steps, DiagnosticBag bag)
    {
        // A directory still to be made in that hierarchy has nothing below it there.
        if (steps.Differs(DevicesDefault) && steps.HasChildren
            && state.Reader.Layout.For("devices") is { } hierarchy && state.Hierarchies.Contains(hierarchy.Name))
            bag.Error(CgroupCodes.DefaultWithChildren,
                $"{request.Id}: cgroup v1 changes devices.default only while there are no cgroups below ({string.Join(", ", state.Children)})",
                request.Resource!.Source.At(DevicesDefault.Path));
        if (request.Force)
            return;
        UnderUse(MemoryMax, state.MemoryInUse, Mebibytes);
        UnderUse(PidsLimit, state.PidsInUse, static used => $"{used} processes and threads");

        static string Mebibytes(long used) => string.Create(CultureInfo.InvariantCulture, $"{used / (double)(1 << 20):0.0}Mi");

        void UnderUse(Field field, Func<long?> inUse, Func<long, string> text)
        {
            if (steps.Differs(field) && steps.Number(field) < steps.Number(field, old: true) && inUse() is { } used && used > steps.Number(field))
                bag.Error(CgroupCodes.UnderUse,
                    $"{request.Id}: {field.Path} {((ScalarType)field.Type).Format(steps.Number(field)!)} would be under the {text(used)} now in use",
                    request.Resource!.Source.At(field.Path), "lower the use first, or say --force");
        }
    }
}
