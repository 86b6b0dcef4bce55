using Provision.Spec;

namespace Provision.Reconciler.Tests.Fakes;

/// <summary>A kernel made of boxes: what the fake driver observes and its operations change.</summary>
internal sealed class Shelf : IOperationExecutor
{
    public SortedDictionary<string, Box> Boxes { get; } = new(StringComparer.Ordinal);

    public List<string> Log { get; } = [];

    /// <summary>Fails the operation with this text: errno, and how many times.</summary>
    public Dictionary<string, (int Errno, int Times)> Faults { get; } = [];

    /// <summary>Operations that are performed although their fault fails them: they end halfway.</summary>
    public HashSet<string> Halfway { get; } = [];

    /// <summary>Called before each operation: a foreign hand, an interrupt.</summary>
    public Action<Operation>? Before { get; set; }

    /// <summary>Makes the executor itself fail, as a defect in it would.</summary>
    public Func<Operation, Exception?>? Breaks { get; set; }

    /// <summary>Fields of every box that cannot be read, with the reason.</summary>
    public Dictionary<string, string> Blind { get; } = [];

    /// <summary>Called after each batch.</summary>
    public Action? After { get; set; }

    /// <summary>What whoever looks meets instead of the boxes; null when they can be seen.</summary>
    public KernelError? Unreadable { get; set; }

    /// <summary>The shelf lacks what round boxes need.</summary>
    public bool OnlySquare { get; set; }

    public int Batches { get; private set; }

    public bool Handles(Operation operation) => operation is BoxOperation;

    public IReadOnlyList<KernelError?> Execute(IReadOnlyList<Operation> independent, CancellationToken cancel)
    {
        Batches++;
        KernelError?[] errors = [.. independent.Select(Perform)];
        After?.Invoke();
        return errors;
    }

    private KernelError? Perform(Operation operation)
    {
        Before?.Invoke(operation);
        if (Breaks?.Invoke(operation) is { } defect)
            throw defect;
        if (Faults.TryGetValue(operation.Text, out var fault) && fault.Times > 0)
        {
            Faults[operation.Text] = fault with { Times = fault.Times - 1 };
            if (!Halfway.Contains(operation.Text))
                return new KernelError("fake", operation.Object, null, fault.Errno);
            ((BoxOperation)operation).On(Boxes);
            return new KernelError("fake", operation.Object, null, fault.Errno) { Halfway = true };
        }

        Log.Add(operation.Text);
        return ((BoxOperation)operation).On(Boxes);
    }

    /// <summary>Everything on the shelf as text, to compare before and after.</summary>
    public string Picture() => string.Join("\n", Boxes.Select(b => $"{b.Key}: {b.Value}"));
}

/// <param name="Mark">Null for somebody else's box.</param>
internal sealed record Box(ObjectValue State, BoxMark? Mark);

internal sealed record BoxMark(string Stack, ResourceId Id, ObjectValue Spec, DeletionPolicy Policy);

internal abstract record BoxOperation(string Name) : Operation
{
    public override string Object => Name;

    public abstract KernelError? On(SortedDictionary<string, Box> boxes);
}

internal sealed record AddBox(string Name, ObjectValue State, BoxMark Mark) : BoxOperation(Name)
{
    public override string Text => $"add {Name}";

    public override KernelError? On(SortedDictionary<string, Box> boxes) =>
        boxes.TryAdd(Name, new Box(State, Mark)) ? null : new KernelError("add", Name, null, 17);
}

internal sealed record RemoveBox(string Name, bool IsUndo) : BoxOperation(Name)
{
    public override string Text => $"remove {Name}";

    public override bool Irreversible => !IsUndo;

    public override KernelError? On(SortedDictionary<string, Box> boxes) =>
        boxes.Remove(Name) ? null : new KernelError("remove", Name, null, 2);
}

internal sealed record SetBox(string Name, Field Of, Value? To) : BoxOperation(Name)
{
    public override string Text => $"set {Name} {Of.Path} {To}";

    public override KernelError? On(SortedDictionary<string, Box> boxes)
    {
        if (!boxes.TryGetValue(Name, out var box))
            return new KernelError("set", Name, To?.ToString(), 2);
        boxes[Name] = box with { State = box.State.With(Of, To) };
        return null;
    }
}

internal sealed record MarkBox(string Name, BoxMark? Mark) : BoxOperation(Name)
{
    public override string Text => $"mark {Name} {Mark?.Spec}";

    public override KernelError? On(SortedDictionary<string, Box> boxes)
    {
        boxes[Name] = boxes[Name] with { Mark = Mark };
        return null;
    }
}

internal static class Boxes
{
    public static readonly Field Size = new("size", new Word(), "How big.") { Default = "1" };
    public static readonly Field Shape = new("shape", new Word(), "Round or not.") { Default = "square", ReplaceReason = "a box keeps its shape" };
    public static readonly Field Tags = new("tags", new ListType(new Word(), static v => v.ToString()!), "Labels.") { Default = ListValue.Empty };
    public static readonly Field Inside = new("inside", new Word("Box"), "The box it lies in.") { NotObserved = true };

    public static readonly KindSchema Schema = new("Box", "A box.", [Size, Shape, Tags, Inside]);

    private sealed class Word(string? kind = null) : ScalarType
    {
        public override string Name => "word";

        public override string Expected => "a word";

        public override string? ReferencedKind => kind;

        public override bool TryParse(
            string text,
            [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Value? value,
            [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? error)
        {
            (value, error) = (text, null);
            return true;
        }
    }

    public static ObjectValue Stated(string? size = null, string? shape = null, string[]? tags = null)
    {
        var spec = ObjectValue.Empty;
        if (size is not null)
            spec = spec.With(Size, size);
        if (shape is not null)
            spec = spec.With(Shape, shape);
        if (tags is not null)
            spec = spec.With(Tags, new ListValue([.. tags.Order(StringComparer.Ordinal).Select(static t => new TextValue(t))]));
        return spec;
    }

    public static Resource Resource(string name, ObjectValue spec, Func<Metadata, Metadata>? with = null, params string[] after)
    {
        var metadata = new Metadata(name);
        return new Resource(
            new ResourceId("Box", name), with?.Invoke(metadata) ?? metadata, spec,
            [.. after.Select(static a => new ResourceId("Box", a))], SourceMap.None);
    }

    public static ResourceSet Set(params Resource[] ordered) => new([.. ordered]);
}
