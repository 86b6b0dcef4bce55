using System.Text;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// A mark with little room (a link's ifalias): two letters a field of the schema, in the order of its
/// declaration, each twelve bits of a hash of the field's path and recorded value. Enough to tell which fields of
/// the manifest moved; one change in 4096 is taken for none and then shows as drift instead of pending.
/// </summary>
public sealed class RecordedDigests : IRecorded
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private readonly KindSchema _schema;
    private readonly string _digests;
    private readonly DeletionPolicy _deletionPolicy;

    public RecordedDigests(KindSchema schema, string digests, DeletionPolicy deletionPolicy)
    {
        _schema = schema;
        _digests = digests;
        _deletionPolicy = deletionPolicy;
    }

    /// <summary>The digests of a spec: twice as many letters as the schema has leaves and lists.</summary>
    public static string Of(KindSchema schema, ObjectValue effective) =>
        string.Concat(Leaves(schema.Fields).Select(field => Digest(field, effective.Get(field))));

    public bool? Matches(ValuePath path, Value? desired, ObjectValue spec)
    {
        // A mark of a binary whose schema had other fields cannot be read field by field.
        var leaves = Leaves(_schema.Fields).ToList();
        var index = leaves.IndexOf(path.Root);
        if (index < 0 || _digests.Length != leaves.Count * 2)
            return null;
        if (_digests.AsSpan(index * 2, 2).SequenceEqual(Digest(path.Root, spec.Get(path.Root))))
            return true;
        // The whole list moved, but which of its items is not kept.
        return path.IsItem || path.Field != path.Root ? null : false;
    }

    public bool MatchesAll(ObjectValue spec, DeletionPolicy deletionPolicy) =>
        deletionPolicy == _deletionPolicy && _digests == Of(_schema, spec);

    private static string Digest(Field field, Value? value)
    {
        var text = field.Path + "=" + (value is null ? "" : CanonicalJson.Write(value));
        var hash = Sha256.Hash(Encoding.UTF8.GetBytes(text));
        return new string([Letters[hash[0] & 63], Letters[hash[1] & 63]]);
    }

    private static IEnumerable<Field> Leaves(IEnumerable<Field> fields) =>
        fields.SelectMany(static f => f.Type is ObjectType group ? Leaves(group.Fields) : [f]);
}
