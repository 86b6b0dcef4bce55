using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>Paths of fields as manifests, plans and explain write them: <c>memory.max</c>, <c>ports[eth1].hairpin</c>.</summary>
public static class FieldPath
{
    /// <summary>The declared field that a path is, or whose list or map item it is; null when there is none.</summary>
    public static Field? Resolve(ImmutableArray<Field> fields, string path)
    {
        var rest = path.AsSpan();
        while (true)
        {
            var end = rest.IndexOfAny('.', '[');
            var name = (end < 0 ? rest : rest[..end]).ToString();
            var field = fields.FirstOrDefault(f => f.Name == name);
            if (field is null || end < 0)
                return field;

            var type = field.Type;
            if (rest[end] == '[')
            {
                var close = ClosingBracket(rest, end);
                if (close < 0 || ItemType(type) is not { } item)
                    return null;
                if (close + 1 == rest.Length)
                    return field;
                (type, end) = (item, close + 1);
            }

            if (type is not (ObjectType or UnionType))
                return null;
            fields = type is UnionType union ? union.Members : ((ObjectType)type).Fields;
            rest = rest[(end + 1)..];
        }
    }

    /// <summary>The path of a member: <c>memory</c> and <c>max</c> give <c>memory.max</c>.</summary>
    public static string Member(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>The path of a list or map item: <c>ports[eth1]</c>.</summary>
    public static string Item(string path, string key) => $"{path}[{key}]";

    private static FieldType? ItemType(FieldType type) => type switch
    {
        ListType list => list.Item,
        MapType map => map.Item,
        _ => null,
    };

    // Keys may hold dots and slashes; a bracket closes where the path ends or goes on with a dot.
    private static int ClosingBracket(ReadOnlySpan<char> path, int open)
    {
        for (var i = open + 1; i < path.Length; i++)
            if (path[i] == ']' && (i + 1 == path.Length || path[i + 1] == '.'))
                return i;
        return -1;
    }
}
