using System.Net;
using Provision.Kernel.Sandbox;
using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>
/// The routes of a live link in the shape of the manifest, each under a key of its own. One that no manifest can declare
/// (another table, a metric, several ways, a second one to the same network) is named in full, in the words of ip-route(8):
/// <c>default via 10.88.0.9 metric 100</c>.
/// </summary>
internal static class LiveRoutes
{
    public static ListValue Of(IEnumerable<RouteSpec> routes)
    {
        var named = new SortedDictionary<string, Value>(StringComparer.Ordinal);
        foreach (var route in routes.OrderByDescending(IsPlain))
            if (!IsPlain(route) || !named.TryAdd(NetworkFields.RouteKey(route.To, route.Via), Route(route.To, route.Via)))
                named[Name(route)] = Route(Name(route), null);
        return new ListValue([.. named.Values]);
    }

    private static bool IsPlain(RouteSpec route) => IPAddress.TryParse(route.Via, out _);

    private static string Name(RouteSpec route) =>
        route.Via.Length == 0 ? route.To : IPAddress.TryParse(route.Via.Split(' ')[0], out _) ? $"{route.To} via {route.Via}" : $"{route.To} {route.Via}";

    private static ObjectValue Route(string to, string? via) =>
        ObjectValue.Empty.With(NetworkFields.RouteTo, to).With(NetworkFields.RouteVia, via is null ? null : (Value)via);
}
