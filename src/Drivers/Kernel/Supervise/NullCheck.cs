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
        return Missing(value) is { } path ? throw new JsonException($"{path} is missing or null") : value;
    }

    // The path to the first null that must not be; null where there is none. Paths are made on the way back: most values
    // are whole.
    private static string? Missing(object value)
    {
        if (value is string or byte[])
            return null;
        if (value is IEnumerable list)
        {
            var i = 0;
            foreach (var item in list)
            {
                if ((item is null ? "" : Missing(item)) is { } within)
                    return Join($"[{i}]", within);
                i++;
            }

            return null;
        }

        if (SuperviseJson.Default.GetTypeInfo(value.GetType()) is not { Kind: JsonTypeInfoKind.Object } type)
            return null;
        foreach (var property in type.Properties)
        {
            if (property.Get is not { } get)
                continue;
            var within = get(value) is { } member ? Missing(member) : property.IsGetNullable ? null : "";
            if (within is not null)
                return Join(property.Name, within);
        }

        return null;
    }

    private static string Join(string path, string within) => within is "" or ['[', ..] ? path + within : $"{path}.{within}";
}
