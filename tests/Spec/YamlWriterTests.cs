using System.Collections.Immutable;
using CsCheck;

namespace Provision.Spec.Tests;

public sealed class YamlWriterTests
{
    private static readonly Gen<string> AnyText = Gen.OneOf(
        Gen.OneOf(
            "", " ", "no", "null", "~", "0755", "80", "1.5", "1e3", "0x1f", "1:30", "2024-01-01", "- a", "-", "--- a", "...", "a: b", "a #b",
            "#", "'", "\"", "\\", "*a", "&a", "!a", "%a", "@a", "`a", "{a", "[a", "|", ">", "a\nb\n", "\n", "\t", "${A}", "$$", "$", "a:", ":a",
            "<<", "=", "?", "é", "日本", "😀", "\u0085", "\u2028", "\ufeff", "\u200b", "\u001b[0m", "\r\n", ".inf", "True", "y", "-f", "-5", ","),
        Gen.String[Gen.Char[" ab:#-'\"\\${}[]\n\t,&*!|>%@é"], 0, 12],
        Gen.Char.Array[0, 8].Select(static c => new string([.. c.Where(static x => x != '\0' && !char.IsSurrogate(x))])));

    // Texts that some type or other reads; a type takes those that it can.
    private static readonly string[] Samples =
    [
        "0", "1", "100", "1500", "10000", "max", "1.5", "150%", "200000%", "64Mi", "1000", "10ms", "100ms", "1s", "true", "false", "0-1,4", "7",
        "member", "root", "/dev/vda", "/", "/a b", "eth0", "1e3", "10", "02:00:00:88:00:01", "12:30:00:00:00:01", "10.0.0.1/24", "10.0.0.0/8",
        "fd00::1/64", "::1", "none", "some", "web", "7e5", "20-30", "TERM", "SIGRTMIN+2", "0644", "100Mbit", "abc", "1.2.3.4", "no", "null",
    ];

    [Theory]
    [InlineData("Cgroup")]
    [InlineData("Bridge")]
    [InlineData("Container")]
    public void Load_WhatWasWritten_SameResource(string kind)
    {
        var schema = Unreferenced(TestKinds.All.Find(kind)!);
        var kinds = new KindRegistry([schema]);
        Gen.Select(Members(schema.Fields), MetadataOf(schema)).Sample(
            (spec, metadata) =>
            {
                var text = YamlWriter.Write(schema, metadata, spec);
                var result = Manifests.Parse("test.yaml", text, kinds);
                Assert.True(result.Diagnostics.Items.Count == 0, text + string.Join('\n', result.Diagnostics.Items));
                var resource = Assert.Single(result.Set.Ordered);
                Assert.Equal(spec, resource.Spec);
                Assert.Equal(metadata with { IgnoreFields = resource.Metadata.IgnoreFields, Labels = resource.Metadata.Labels, Annotations = resource.Metadata.Annotations }, resource.Metadata);
                Assert.Equal(metadata.Labels, resource.Metadata.Labels);
                Assert.Equal(metadata.Annotations, resource.Metadata.Annotations);
                Assert.Equal(metadata.IgnoreFields.AsEnumerable(), resource.Metadata.IgnoreFields);
            },
            iter: 500);
    }

    [Fact]
    public void Write_Resource_ReadsWell()
    {
        var resource = TestKinds.Only("""
            apiVersion: provision/v1
            kind: Bridge
            metadata: {name: web0, managementPolicy: Merge, labels: {tier: "1"}}
            spec:
              ports: [{link: eth1, vlans: [{id: 10, pvid: true}, {id: 20-30}]}, {link: eth2, hairpin: true}]
              addresses: ["fd00::1/64", 10.0.0.1/24]
              macAddress: 02:00:00:88:00:01
              mtu: 9000
              ageingTime: 300s
            """);
        Repository.AssertKept(
            Path.Combine(Repository.Folder("Pages"), "written.yaml"),
            YamlWriter.Write(TestKinds.Bridge, resource.Metadata, resource.Spec, [new ResourceId("Bridge", "other")]));
    }

    [Fact]
    public void Write_EmptySpec_Loads() =>
        Assert.Equal(ObjectValue.Empty, TestKinds.Only(YamlWriter.Write(TestKinds.Bridge, new Metadata("a"), ObjectValue.Empty)).Spec);

    // References need their targets; here they are names like any other.
    private static KindSchema Unreferenced(KindSchema schema) =>
        schema with { Fields = [.. schema.Fields.Where(static f => f.Name is not ("parent" or "cgroup" or "networks"))], Check = null };

    private static Gen<ObjectValue> Members(ImmutableArray<Field> fields)
    {
        var members = fields.Select(static f => Gen.Select(Gen.Bool, Of(f.Type), (there, value) => f.Required || there ? value : null));
        return Gen.Int[0, int.MaxValue].SelectMany(_ => Sequence([.. members])).Select(values =>
        {
            var tree = ObjectValue.Empty;
            for (var i = 0; i < values.Length; i++)
                if (values[i] is { } value)
                    tree = new ObjectValue(tree.Members.SetItem(fields[i].Name, value));
            return tree;
        });
    }

    private static Gen<T[]> Sequence<T>(Gen<T>[] parts) =>
        parts.Aggregate(Gen.Const(Array.Empty<T>()), static (all, one) => Gen.Select(all, one, static (a, b) => (T[])[.. a, b]));

    private static Gen<Value> Of(FieldType type) => type switch
    {
        ObjectType group => Members(group.Fields).Select(static v => (Value)v),
        MapType map => Gen.Select(AnyKey.Array[0, 3], Of(map.Item).Array[3]).Select(static (keys, values) => (Value)new ObjectValue(
            MemberMap.Of(keys.Distinct().Select((k, i) => KeyValuePair.Create(k, values[i]))))),
        ListType list => Of(list.Item).Array[0, 3].Select(items => (Value)new ListValue(list.Key is null
            ? [.. items]
            : [.. items.DistinctBy(list.Key).OrderBy(list.Key, StringComparer.Ordinal)])),
        UnionType union => Gen.OneOf([.. union.Forms.Select(Of)]),
        ScalarType { Pattern: null, Words.IsEmpty: true } => AnyText.Select(static t => (Value)t),
        ScalarType scalar => Gen.OneOf([.. Samples.Select(s => scalar.TryParse(s, out var v, out _) ? v : null).OfType<Value>()]),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static Gen<string> AnyKey => AnyText.Where(static k => k != "<<");

    private static Gen<Metadata> MetadataOf(KindSchema schema) => Gen.Select(
        Gen.OneOf("a", "web-1", "7", "1e3", "null", "no"),
        Gen.Dictionary(AnyKey, AnyText)[0, 3],
        Gen.OneOf(ManagementPolicy.Manage, ManagementPolicy.Merge, ManagementPolicy.Observe),
        Gen.OneOf(DeletionPolicy.Delete, DeletionPolicy.Orphan),
        Gen.Bool,
        Gen.OneOf([.. schema.Fields.Select(static f => f.Name)]),
        static (name, labels, management, deletion, prevent, ignored) => new Metadata(name)
        {
            Labels = labels.ToImmutableSortedDictionary(StringComparer.Ordinal),
            Annotations = labels.ToImmutableSortedDictionary(StringComparer.Ordinal),
            ManagementPolicy = management,
            DeletionPolicy = deletion,
            PreventReplace = prevent,
            IgnoreFields = prevent ? [ignored] : [],
        });
}
