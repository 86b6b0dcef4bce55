using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>Nodes to typed values, by the declared fields. Notes the span of everything that was written.</summary>
internal sealed class FieldBinder(Variables variables, DiagnosticBag bag)
{
    private const string MergeKey = "<<";

    private int _errors;

    /// <summary>Errors reported so far; equal before and after a call when what it bound is whole.</summary>
    public int Errors => _errors;

    /// <summary>The members that could be read; what is wrong with the others is in the bag.</summary>
    /// <param name="path">Of the mapping; "" for a spec.</param>
    /// <param name="place">Where a missing member is reported: the mapping's key.</param>
    /// <param name="spans">Takes the span of every member by path.</param>
    public ObjectValue Members(
        ImmutableArray<Field> fields, YamlMapping mapping, string path, SourceSpan place, Spans spans)
    {
        var members = ObjectValue.Empty.Members.ToBuilder();
        foreach (var (key, node) in mapping.Entries)
        {
            var field = Find(fields, key.Text);
            var memberPath = FieldPath.Member(path, key.Text);
            if (field is null)
            {
                UnknownMember(key, path, fields);
                continue;
            }

            spans.Add(memberPath, node is YamlScalar { IsNull: false } ? node : key);
            if (Value(field.Type, node, memberPath, key, spans, field.Secret) is { } value)
                members[field.Name] = value;
        }

        foreach (var field in fields)
            if (field.Required && mapping.Find(field.Name) is null)
                Reject(DiagnosticCodes.MissingField, $"{FieldPath.Member(path, field.Name)} is missing", place, Expected(field));
        return new ObjectValue(members.ToImmutable());
    }

    /// <summary>The key is unknown; the hint names what was meant, or what there is.</summary>
    public void UnknownMember(YamlScalar key, string path, ImmutableArray<Field> known)
    {
        var names = known.Select(static f => f.Name).ToList();
        var hint = key.Text == MergeKey
            ? "YAML merge keys are not part of the language; an alias may stand for a whole value"
            : Suggestion.Hint(key.Text, names)
                ?? (names.Count is > 0 and <= 16 ? $"the fields here are {string.Join(", ", names)}" : null);
        var where = path.Length == 0 ? "" : $" in {path}";
        Reject(DiagnosticCodes.UnknownField, $"there is no field {Shown.Text(key.Text)}{where}", key.Span, hint);
    }

    /// <summary>Text of a scalar with its variables replaced; null after an error.</summary>
    public string? Text(YamlNode node, string path, YamlScalar key)
    {
        if (node is not YamlScalar scalar)
            return WrongNode<string>(node, path, "a single value", null);
        if (scalar.IsNull)
            return NoValue<string>(path, scalar, key);
        var text = variables.Replace(scalar);
        if (text is null)
            _errors++;
        return text;
    }

    private Value? Value(FieldType type, YamlNode node, string path, YamlScalar key, Spans spans, bool secret)
    {
        if (node is YamlScalar { IsNull: true } nothing)
            return NoValue<Value>(path, nothing, key);
        return (type, node) switch
        {
            (ScalarType scalar, _) => Scalar(scalar, node, path, key, secret),
            (ObjectType group, YamlMapping mapping) => Members(group.Fields, mapping, path, key.Span, spans),
            (MapType map, YamlMapping mapping) => Map(map, mapping, path, spans, secret),
            (ListType list, YamlSequence sequence) => List(list, sequence, path, key, spans, secret),
            (UnionType union, _) => Union(union, node, path, key, spans, secret),
            (ListType, _) => WrongNode<Value>(node, path, "a list", "write it as [item, …] or one \"- item\" a line"),
            _ => WrongNode<Value>(node, path, "a mapping", "write it as {name: value, …} or one \"name: value\" a line"),
        };
    }

    private Value? Scalar(ScalarType type, YamlNode node, string path, YamlScalar key, bool secret)
    {
        if (Text(node, path, key) is not { } text)
            return null;
        if (type.TryParse(text, out var value, out var error))
            return value;
        if (secret)
            error = $"the value is not {type.Expected}";
        var code = type.Words.Length > 0 ? DiagnosticCodes.UnknownWord
            : type.IsOnlyOutOfRange(text) ? DiagnosticCodes.OutOfRange
            : DiagnosticCodes.InvalidValue;
        var hint = Suggestion.Hint(text, type.Words) ?? (error.Contains(type.Expected, StringComparison.Ordinal)
            || error.Contains("did you mean", StringComparison.Ordinal) || type.Words.Length > 0
                ? null
                : $"expected {type.Expected}");
        Reject(code, $"{path}: {error}", node.Span, hint);
        return null;
    }

    // The form is told by what stands there; of several mappings by the one member that only one of them has.
    private Value? Union(UnionType type, YamlNode node, string path, YamlScalar key, Spans spans, bool secret)
    {
        if (node is YamlMapping mapping && type.Tags.ToList() is { Count: > 0 } tags)
        {
            var given = mapping.Entries.Where(e => tags.Contains(e.Key.Text)).Select(static e => e.Key).ToList();
            if (given.Count != 1)
            {
                Reject(
                    DiagnosticCodes.OneOf,
                    given.Count == 0 ? $"{path} has none of {Shown.OneOf(tags)}" : $"{path} has both {given[0].Text} and {given[1].Text}",
                    given.Count == 0 ? node.Span : given[1].Span,
                    $"it takes exactly one of {Shown.OneOf(tags)}");
                return null;
            }
        }

        var form = node switch
        {
            YamlMapping members => type.Of(name => members.Find(name) is not null) ?? type.Objects.FirstOrDefault(),
            YamlSequence => type.Forms.FirstOrDefault(static f => f is ListType),
            _ => type.Forms.FirstOrDefault(static f => f is ScalarType),
        };
        return form is null
            ? WrongNode<Value>(node, path, type.Objects.Any() ? "a mapping" : Shown.OneOf([.. type.Forms.Select(static f => f.Name)]), null)
            : Value(form, node, path, key, spans, secret);
    }

    private ObjectValue Map(MapType type, YamlMapping mapping, string path, Spans spans, bool secret)
    {
        var entries = ObjectValue.Empty.Members.ToBuilder();
        foreach (var (key, node) in mapping.Entries)
        {
            if (key.Text == MergeKey && key.Plain)
            {
                UnknownMember(key, path, []);
                continue;
            }

            var itemPath = FieldPath.Item(path, key.Text);
            spans.Add(itemPath, node is YamlScalar { IsNull: false } ? node : key);
            if (Value(type.Item, node, itemPath, key, spans, secret) is { } value)
                entries[key.Text] = value;
        }

        return new ObjectValue(entries.ToImmutable());
    }

    private ListValue List(ListType type, YamlSequence sequence, string path, YamlScalar key, Spans spans, bool secret)
    {
        var items = new List<(string Key, Value Value)>();
        var seen = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        for (var i = 0; i < sequence.Items.Count; i++)
        {
            var node = sequence.Items[i];
            var index = i.ToString(System.Globalization.CultureInfo.InvariantCulture);
            var before = _errors;
            var inner = new Spans();
            var itemPath = FieldPath.Item(path, index);
            var item = type.Item is ObjectType group && node is YamlMapping mapping
                ? Item(group, mapping, itemPath, inner)
                : Value(type.Item, node, itemPath, key, inner, secret);

            // A broken item has no key to be known by: its parts keep the index.
            var name = type.Key is not null && item is not null && before == _errors ? type.Key(item) : index;
            spans.Add(FieldPath.Item(path, name), node);
            spans.AddBelow(FieldPath.Item(path, name), inner, itemPath);
            if (item is null)
                continue;
            if (type.Key is not null && before == _errors && !seen.TryAdd(name, node))
                Reject(
                    DiagnosticCodes.DuplicateItem,
                    $"{path} has {Shown.Text(name)} twice; the first is at {seen[name].Span}",
                    node.Span,
                    $"items are known by their {type.KeyDoc ?? "value"}");
            else
                items.Add((name, item));
        }

        return new ListValue(type.Key is null
            ? [.. items.Select(static i => i.Value)]
            : [.. items.OrderBy(static i => i.Key, StringComparer.Ordinal).Select(static i => i.Value)]);
    }

    // A missing member of an item is reported at the item itself, not at the list's name.
    private ObjectValue Item(ObjectType group, YamlMapping mapping, string path, Spans spans) =>
        Members(group.Fields, mapping, path, mapping.Span, spans);

    /// <summary>Reports an error that makes what is being bound incomplete.</summary>
    public void Reject(string code, string message, SourceSpan span, string? hint = null)
    {
        _errors++;
        bag.Error(code, message, span, hint);
    }

    private T? NoValue<T>(string path, YamlScalar nothing, YamlScalar key) where T : class
    {
        Reject(DiagnosticCodes.NullValue, $"{path} has no value", nothing.Text.Length > 0 ? nothing.Span : key.Span, "leave it out for its default; the empty string is \"\"");
        return null;
    }

    private T? WrongNode<T>(YamlNode node, string path, string wanted, string? hint) where T : class
    {
        Reject(DiagnosticCodes.WrongNodeType, $"{path} takes {wanted}, not {node.Name}", node.Span, hint);
        return null;
    }

    private static Field? Find(ImmutableArray<Field> fields, string name)
    {
        foreach (var field in fields)
            if (field.Name == name)
                return field;
        return null;
    }

    private static string? Expected(Field field) =>
        field.Type is ScalarType scalar ? $"it takes {scalar.Expected}" : null;
}
