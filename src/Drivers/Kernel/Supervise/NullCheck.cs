using System.Collections;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Provision.Kernel.Supervise;

/// <summary>
/// Finds what JSON can leave null where a type does not allow it and the serializer does not look: a parameter that was
/// not given, an element of a list.
/// </summary>
internal static class NullCheck
{
    /// <returns>The value itself.</returns>
    /// <exception cref="JsonException">Something in it is null that must not be, with its name.</exception>
    public static T Whole<T>(T value) where T : class
    {
        Visit(value, "");
        return value;
    }

    private static void Visit(object value, string path)
    {
        if (value is string or byte[])
            return;
        if (value is IEnumerable list)
        {
            var i = 0;
            foreach (var item in list)
                Visit(item ?? throw new JsonException($"{path}[{i}] is null"), $"{path}[{i++}]");
            return;
        }

        if (SuperviseJson.Default.GetTypeInfo(value.GetType()) is not { Kind: JsonTypeInfoKind.Object } type)
            return;
        foreach (var property in type.Properties)
        {
            if (property.Get is not { } get)
                continue;
            var at = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            if (get(value) is { } member)
                Visit(member, at);
            else if (!property.IsGetNullable)
                throw new JsonException($"{at} is missing or null");
        }
    }
}
