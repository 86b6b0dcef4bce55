using Provision.Spec;

namespace Provision.Reconciler.Reports;

/// <summary>Operations and kernel errors as reports show them: those of a secret field do not tell its value.</summary>
public sealed class ShownOperation(DriverRegistry drivers)
{
    public string Text(ResourceId? id, Operation operation) =>
        IsSecret(id, operation) ? $"set {operation.Field} of {operation.Object} to {ShownValue.Secret}" : ShownValue.Printable(operation.Text);

    /// <summary>What it consists of, line by line.</summary>
    public IEnumerable<string> Listing(ResourceId? id, Operation operation) =>
        IsSecret(id, operation) ? [] : operation.Listing.Select(ShownValue.Printable);

    /// <summary>How a live object was made, line by line.</summary>
    public static IReadOnlyList<string> Listing(Observed live) => [.. live.Listing().Select(ShownValue.Printable)];

    public KernelError Error(OperationFailure failure) => IsSecret(failure.Id, failure.Operation)
        ? failure.Error with { Value = failure.Error.Value is null ? null : ShownValue.Secret, Detail = null }
        : failure.Error;

    private bool IsSecret(ResourceId? id, Operation operation) =>
        id is { } resource && operation.Field is { } path && IsSecret(drivers.For(resource.Kind).Schema.Fields, path);

    // The path may go on into list items; the declared fields along its names decide.
    private static bool IsSecret(IReadOnlyList<Field> fields, string path)
    {
        foreach (var name in path.Split('.'))
        {
            var bracket = name.IndexOf('[');
            var field = fields.FirstOrDefault(f => f.Name == (bracket < 0 ? name : name[..bracket]));
            if (field is null)
                return false;
            if (field.Secret)
                return true;
            fields = field.Type switch
            {
                ObjectType group => group.Fields,
                ListType { Item: ObjectType item } => item.Fields,
                UnionType union => union.Members,
                _ => [],
            };
        }

        return false;
    }
}
