using System.Collections.Immutable;
using System.Text;

namespace Provision.Spec;

/// <summary>Writes a resource as a manifest that loads back to the same resource.</summary>
public static class YamlWriter
{
    /// <summary>One YAML document, without a leading <c>---</c>; fields in the order of the schema.</summary>
    /// <param name="spec">Values in canonical units; formatted by their types.</param>
    /// <param name="dependsOn">Resources to write under spec.dependsOn, besides the references in the fields.</param>
    public static string Write(
        KindSchema schema, Metadata metadata, ObjectValue spec, IEnumerable<ResourceId>? dependsOn = null)
    {
        var text = new StringBuilder();
        text.Append("apiVersion: ").Append(CommonFields.ApiVersion).Append('\n');
        text.Append("kind: ").Append(schema.Kind).Append("\nmetadata:\n");
        Members(text, CommonFields.Metadata, MetadataTree(metadata), 2);
        var explicitly = dependsOn?.Select(static d => (Value)d.ToString()).ToImmutableArray() ?? [];
        if (!explicitly.IsEmpty)
            spec = spec.With(CommonFields.DependsOn, new ListValue(explicitly));
        if (spec.Members.IsEmpty)
            return text.Append("spec: {}\n").ToString();
        text.Append("spec:\n");
        Members(text, schema.Fields.Add(CommonFields.DependsOn), spec, 2);
        return text.ToString();
    }

    private static ObjectValue MetadataTree(Metadata metadata)
    {
        var tree = ObjectValue.Empty.With(CommonFields.Name, metadata.Name);
        if (!metadata.Labels.IsEmpty)
            tree = tree.With(CommonFields.Labels, Map(metadata.Labels));
        if (!metadata.Annotations.IsEmpty)
            tree = tree.With(CommonFields.Annotations, Map(metadata.Annotations));
        if (metadata.ManagementPolicy != ManagementPolicy.Manage)
            tree = tree.With(CommonFields.ManagementPolicy, metadata.ManagementPolicy == ManagementPolicy.Merge ? "Merge" : "Observe");
        if (metadata.DeletionPolicy != DeletionPolicy.Delete)
            tree = tree.With(CommonFields.DeletionPolicy, "Orphan");
        if (metadata.PreventReplace)
            tree = tree.With(CommonFields.PreventReplace, true);
        return metadata.IgnoreFields.IsEmpty
            ? tree
            : tree.With(CommonFields.IgnoreFields, new ListValue([.. metadata.IgnoreFields.Select(static f => (Value)f)]));
    }

    private static ObjectValue Map(ImmutableSortedDictionary<string, string> entries) =>
        new(MemberMap.Of(entries.Select(static e => KeyValuePair.Create(e.Key, (Value)e.Value))));

    private static void Members(StringBuilder text, ImmutableArray<Field> fields, ObjectValue members, int indent)
    {
        foreach (var field in fields)
        {
            if (members[field.Name] is not { } value)
                continue;
            text.Append(' ', indent).Append(field.Name).Append(':');
            Value(text, field.Type, value, indent);
        }
    }

    // Writes what stands behind "name:" or "-", its line end included.
    private static void Value(StringBuilder text, FieldType type, Value value, int indent)
    {
        switch (UnionType.Resolve(type, value), value)
        {
            case (ObjectType group, ObjectValue { Members.IsEmpty: false } members):
                text.Append('\n');
                Members(text, group.Fields, members, indent + 2);
                break;
            case (MapType map, ObjectValue { Members.IsEmpty: false } entries):
                text.Append('\n');
                foreach (var (key, entry) in entries.Members)
                {
                    text.Append(' ', indent + 2).Append(YamlText.Scalar(key, isText: true)).Append(':');
                    Value(text, map.Item, entry, indent + 2);
                }

                break;
            case (ListType list, ListValue { Items.IsEmpty: false } items):
                text.Append('\n');
                foreach (var item in items.Items)
                    Item(text, list.Item, item, indent + 2);
                break;
            case (ListType, _):
                text.Append(" []\n");
                break;
            case (ScalarType scalar, _):
                text.Append(' ').Append(Scalar(scalar, value)).Append('\n');
                break;
            default:
                text.Append(" {}\n");
                break;
        }
    }

    private static void Item(StringBuilder text, FieldType type, Value item, int indent)
    {
        text.Append(' ', indent).Append('-');
        if (type is not ObjectType group || item is not ObjectValue { Members.IsEmpty: false } members)
        {
            Value(text, type, item, indent);
            return;
        }

        // The first member stands on the dash's line: cut its indentation down to one space.
        var start = text.Length;
        Members(text, group.Fields, members, indent + 2);
        text.Remove(start, indent + 1);
    }

    private static string Scalar(ScalarType type, Value value)
    {
        var text = type.Format(value);
        var number = type.JsonTypes is ["integer" or "number" or "boolean", ..]
            || (type is PatternType { PlainNumbers: true } && text.Length < 10 && text[0] != '0' && text.All(char.IsAsciiDigit));
        return YamlText.Scalar(Variables.Escape(text), isText: !number);
    }
}
