using Provision.Spec;

namespace Provision.Drivers.Container;

/// <summary>A container under check, and where what is wrong with it goes.</summary>
internal sealed record ContainerProblems(Resource Resource, DiagnosticBag Bag)
{
    public ObjectValue Spec => Resource.Spec;

    /// <summary>The number that a field has, or its default.</summary>
    public NumberValue Effective(Field field) => (NumberValue)(Spec.Get(field) ?? field.Default!);

    /// <summary>The text that a field has, or its default.</summary>
    public string? Text(Field field) => Spec.Text(field) ?? field.Default?.ToString();

    public void Error(string code, string path, string message, string? hint = null) =>
        Bag.Error(code, $"{Resource.Id}: {message}", Resource.Source.At(path), hint);
}
