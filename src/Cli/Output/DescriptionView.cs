using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary>Everything about one resource, for people.</summary>
internal sealed class DescriptionView(DriverRegistry drivers)
{
    public IEnumerable<Line> Lines(Description description)
    {
        yield return new Line(description.Id.ToString(), Tint.Bold);
        yield return Fact("state").Add(description.Status.State.ToString(), StatusCommand.StateTint(description.Status.State));
        if (description.Status.Message.Length > 0)
            yield return Fact("message").Add(description.Status.Message);
        if (description.Live is { } live)
        {
            yield return Fact("object").Add(live.OnlyDeclared ?? live.Object);
            yield return Fact("owner").Add(live.Ownership switch
            {
                Ownership.Owned => $"stack {live.Stack}",
                Ownership.Unfinished => "unfinished creation of this instance",
                _ => "foreign: not made by Provision",
            });
            yield return Fact("read by").Add(drivers.For(description.Id.Kind).ReadMethod);
        }

        if (description.Resource is { } resource)
        {
            yield return Fact("manifest").Add(resource.Source.At("").ToString());
            yield return Fact("management").Add($"{resource.Metadata.ManagementPolicy}; on deletion {resource.Metadata.DeletionPolicy}");
        }
        else if (description.Live is { Ownership: Ownership.Owned } owned)
        {
            yield return Fact("on deletion").Add(owned.DeletionPolicy.ToString());
        }

        if (!description.DependsOn.IsEmpty)
            yield return Fact("depends on").Add(string.Join(", ", description.DependsOn));
        if (!description.Dependents.IsEmpty)
            yield return Fact("needed by").Add(string.Join(", ", description.Dependents));
        foreach (var problem in description.Problems)
            yield return Fact("problem").Add($"{problem.Code} {problem.Message}", Tint.Error);
        yield return "";

        foreach (var line in Table(description))
            yield return line;
        if (description.Live is { } made && ShownOperation.Listing(made) is { Count: > 0 } program)
        {
            yield return "";
            yield return new Line("Started by", Tint.Bold);
            foreach (var step in program)
                yield return new Line($"  {step}");
        }

        if (description.Change is not { Operations.Length: > 0 } change)
            yield break;
        yield return "";
        yield return new Line("An apply would", Tint.Bold);
        var shown = new ShownOperation(drivers);
        foreach (var operation in change.Operations)
        {
            yield return new Line("  · ", Tint.Dim).Add(shown.Text(description.Id, operation));
            foreach (var step in shown.Listing(description.Id, operation))
                yield return new Line($"      {step}", Tint.Dim);
        }
    }

    private static Line Fact(string name) => new Line("  ").Add(name, Tint.Dim).To(16);

    private static IEnumerable<Line> Table(Description description)
    {
        var columns = description.Resource is null ? new Columns("FIELD", "LIVE", "") : new Columns("FIELD", "MANIFEST", "LIVE", "");
        foreach (var field in description.Fields)
        {
            var name = (field.Path.ToString(), Tint.None);
            var live = (field.Live is null ? "-" : ShownValue.Text(field.Path, field.Live), Tint.None);
            var note = (field.Note ?? "", field.Note == "drift" ? Tint.Warning : Tint.Dim);
            if (description.Resource is null)
                columns.Row(name, live, note);
            else
                columns.Row(name, Declared(field), live, note);
        }

        return columns.Lines();
    }

    private static (string, Tint) Declared(DescribedField field) =>
        field.Stated is { } stated ? (ShownValue.Text(field.Path, stated), Tint.None)
        : field.Desired is { } desired ? (ShownValue.Text(field.Path, desired), Tint.Dim)
        : ("-", Tint.Dim);
}
