namespace Provision.Spec;

/// <summary>Checks that references lead somewhere, and sorts resources so that what is depended on comes first.</summary>
internal static class DependencyOrder
{
    /// <summary>Reports references to resources that nobody declares.</summary>
    public static void CheckReferences(
        IReadOnlyList<Declared> resources, IReadOnlySet<ResourceId> known, KindRegistry kinds, DiagnosticBag bag)
    {
        foreach (var declared in resources)
        {
            foreach (var (target, path) in declared.References.DistinctBy(static r => (r.Target, r.Path)))
            {
                if (known.Contains(target))
                    continue;
                bag.Error(
                    DiagnosticCodes.DanglingReference,
                    $"{path}: there is no {target} in these manifests",
                    declared.Resource.Source.At(path),
                    Hint(target, known, kinds));
            }
        }
    }

    /// <summary>The order of the manifests, but for what must come earlier. Each circle is reported once.</summary>
    public static List<Resource> Sort(IReadOnlyList<Declared> resources, DiagnosticBag bag)
    {
        var byId = resources.ToDictionary(static d => d.Resource.Id);
        var done = new HashSet<ResourceId>();
        var ordered = new List<Resource>(resources.Count);
        var path = new List<(Declared Declared, int Next)>(); // an explicit stack: chains may be thousands long
        var onPath = new Dictionary<ResourceId, int>();
        foreach (var root in resources)
        {
            if (!done.Contains(root.Resource.Id))
                Push(root);
            while (path.Count > 0)
            {
                var (current, next) = path[^1];
                if (next == current.References.Length)
                {
                    path.RemoveAt(path.Count - 1);
                    onPath.Remove(current.Resource.Id);
                    done.Add(current.Resource.Id);
                    ordered.Add(current.Resource);
                    continue;
                }

                path[^1] = (current, next + 1);
                var target = current.References[next].Target;
                if (onPath.TryGetValue(target, out var start))
                    ReportCycle([.. path.Skip(start).Select(static p => (p.Declared, p.Declared.References[p.Next - 1].Path))], bag);
                else if (!done.Contains(target) && byId.TryGetValue(target, out var declared))
                    Push(declared);
            }
        }

        return ordered;

        void Push(Declared declared)
        {
            onPath.Add(declared.Resource.Id, path.Count);
            path.Add((declared, 0));
        }
    }

    private static void ReportCycle(List<(Declared Declared, string Path)> circle, DiagnosticBag bag)
    {
        const int mostShown = 8;
        var chain = circle.Take(mostShown).Select(static c => c.Declared.Resource.Id.ToString()).ToList();
        if (circle.Count > mostShown)
            chain.Add($"({circle.Count - mostShown} more)");
        var (first, path) = circle[0];
        bag.Error(
            DiagnosticCodes.Cycle,
            $"{first.Resource.Id} depends on itself: {string.Join(" → ", chain)} → {first.Resource.Id}",
            first.Resource.Source.At(path),
            circle.Count == 1 ? null : $"the way back is at {circle[^1].Declared.Resource.Source.At(circle[^1].Path)}");
    }

    private static string? Hint(ResourceId target, IReadOnlySet<ResourceId> known, KindRegistry kinds)
    {
        if (kinds.Find(target.Kind) is null)
            return Suggestion.Hint(target.Kind, kinds.Kinds.Select(static k => k.Kind))
                ?? $"there is no kind {target.Kind}";
        return Suggestion.Hint(target.Name, known.Where(k => k.Kind == target.Kind).Select(static k => k.Name));
    }
}
