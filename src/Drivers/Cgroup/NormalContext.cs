using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Cgroup;

/// <summary>What a controller needs to know to bring a spec into normal form.</summary>
/// <param name="Live">The object as observed; null when it does not exist.</param>
/// <param name="Root">The instance's root directory.</param>
internal sealed record NormalContext(
    Resource Resource, ResourceSet Set, Observed? Live, ICgroupReader Reader, string Root, DiagnosticBag Bag)
{
    public bool Owned => Resource.Metadata.ManagementPolicy == ManagementPolicy.Manage;

    /// <summary>The manifest states something other than what everybody has anyway.</summary>
    public bool Asks(Field field) => Resource.Spec.Get(field) is { } value && !value.Equals(field.Default);

    /// <summary>The manifest leaves it to others (ignoreFields).</summary>
    public bool Exempt(Field field) => Resource.Metadata.IgnoreFields.Any(ValuePath.Of(field).IsWithin);

    public void Error(string code, Field field, string message, string? hint = null) =>
        Error(code, field.Path, message, hint);

    public void Error(string code, string path, string message, string? hint = null) =>
        Bag.Error(code, $"{Resource.Id}: {message}", Resource.Source.At(path), hint);
}
