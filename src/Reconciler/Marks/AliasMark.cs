using System.Text;
using Provision.Spec;

namespace Provision.Reconciler;

/// <summary>
/// The mark of a link: IFLA_GROUP, set when it is created, says "an object of this instance"; IFLA_IFALIAS
/// (at most 255 bytes) says whose:
/// <c>provision/v1 INSTANCE STACK Bridge/web0 Delete AbCd…</c>. A link with the group and without the alias is an
/// unfinished creation.
/// </summary>
public sealed record AliasMark(Scope Scope, ResourceId Id, DeletionPolicy DeletionPolicy, string Digests)
{
    /// <summary>IFALIASZ - 1 of linux/if.h.</summary>
    public const int MaxLength = 255;

    private const string Version = "provision/v1";

    public static AliasMark Of(Scope scope, ResourceId id, DeletionPolicy policy, KindSchema schema, ObjectValue effective) =>
        new(scope, id, policy, RecordedDigests.Of(schema, effective));

    public IRecorded Recorded(KindSchema schema) => new RecordedDigests(schema, Digests, DeletionPolicy);

    /// <summary>The link group of an instance: the top byte 0x50 keeps away from the groups people use by hand.</summary>
    public static uint Group(string instance)
    {
        var hash = Sha256.Hash(Encoding.UTF8.GetBytes(instance));
        return 0x5000_0000u | (uint)(hash[0] << 16 | hash[1] << 8 | hash[2]);
    }

    /// <summary>Reads an alias; null when it is not a mark, or not a whole one.</summary>
    public static AliasMark? TryParse(string? alias)
    {
        var parts = alias?.Split(' ');
        if (parts is not [Version, var instance, var stack, var id, var policy, var digests])
            return null;
        return ResourceId.Parse(id) is { } resource && Enum.TryParse<DeletionPolicy>(policy, out var deletion)
            ? new AliasMark(new Scope(instance, stack), resource, deletion, digests)
            : null;
    }

    /// <summary>The alias; longer than <see cref="MaxLength"/> only for names that the driver must refuse.</summary>
    public override string ToString() =>
        $"{Version} {Scope.Instance} {Scope.Stack} {Id} {DeletionPolicy} {Digests}";
}
