using Provision.Drivers.SecurityProfile;
using Provision.Kernel;
using Provision.Spec;

namespace Provision.Drivers;

/// <summary>What a SecurityProfile means to those whom it confines. A profile that is written out is one without a name.</summary>
internal static class SecurityProfiles
{
    public const string Kind = SecurityProfileSchema.Kind;

    // One way through the defaults a profile and run, however many containers name it.
    private sealed class Table : Dictionary<string, ObjectValue>;

    /// <summary>Takes the seccomp profile that is named or written out into the resource, in one canonical form.</summary>
    public static Resource Embed(SecurityFields fields, Resource resource, Embedding files) => SeccompEmbedding.Embed(fields, resource, files);

    /// <summary>Capabilities that cannot be had together: what is ambient is kept.</summary>
    public static void CheckAmbient(SecurityFields fields, Resource resource, string code, DiagnosticBag bag)
    {
        var keep = List(resource.Spec.Get(fields.Keep) ?? fields.Keep.Default);
        foreach (var name in List(resource.Spec.Get(fields.Ambient)).Except(keep))
            bag.Error(code, $"{resource.Id}: {name} is in ambient and not in keep, which bounds it", resource.Source.At($"{fields.Ambient.Path}[{name}]"), $"add it to {fields.Keep.Path}");
    }

    /// <summary>Covering the whole root would leave no program to run.</summary>
    public static void CheckPaths(SecurityFields fields, Resource resource, string code, DiagnosticBag bag)
    {
        foreach (var field in new[] { fields.MaskedPaths, fields.ReadonlyPaths })
            if (resource.Spec.List(field).Any(static p => p.ToString() == "/"))
                bag.Error(code, $"{resource.Id}: {field.Path} cannot name the whole root", resource.Source.At($"{field.Path}[/]"), "use rootfs.readOnly, or name what lies in it");
    }

    /// <summary>What a value of the field <c>security</c> states: a profile's spec or its own members; empty where it states nothing.</summary>
    public static ObjectValue Stated(Value? security, ResourceSet set) => security switch
    {
        ObjectValue written => written,
        TextValue name => set.Find(new ResourceId(Kind, name.Text))?.Spec ?? ObjectValue.Empty,
        _ => ObjectValue.Empty,
    };

    /// <summary>What it comes to: with defaults, and without what it only requires of the host.</summary>
    public static ObjectValue Effective(Value? security, ResourceSet set, Reconciler.Snapshot snapshot)
    {
        if (security is not TextValue { Text: var name })
            return Effective(Stated(security, set));
        var table = snapshot.Table(static () => new Table());
        if (!table.TryGetValue(name, out var effective))
            table.Add(name, effective = Effective(Stated(security, set)));
        return effective;
    }

    /// <summary>The same for members that are stated.</summary>
    public static ObjectValue Effective(ObjectValue stated)
    {
        var filled = EffectiveSpec.Fill(SecurityProfileFields.Own.All, stated);
        return new ObjectValue(filled.Members.Remove(SecurityProfileFields.Own.Require.Name));
    }

    /// <summary>The capabilities that a profile keeps, as a mask.</summary>
    public static ulong Keep(ObjectValue stated) =>
        CapabilityType.Mask(((ListValue)(stated.Get(SecurityProfileFields.Own.Keep) ?? SecurityProfileFields.Own.Keep.Default!)).Items);

    /// <summary>Tells every layer that a profile requires and this host lacks.</summary>
    /// <param name="place">Of the required layer, by its name.</param>
    public static void CheckRequired(ResourceId id, ObjectValue stated, ISecurityReader host, Func<string, SourceSpan> place, string code, DiagnosticBag bag)
    {
        foreach (var name in List(stated[SecurityProfileFields.Own.Require.Name]))
            if (host.Layers[name] is { On: false } layer)
                bag.Error(code, $"{id}: the layer {name}, which it requires, is not on: {layer.Look}", place(name));
    }

    private static IEnumerable<string> List(Value? list) => ((list as ListValue)?.Items ?? []).Select(static n => n.ToString()!);
}
