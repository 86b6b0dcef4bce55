using Provision.Reconciler;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary>How an apply ended, for people; what failed goes to standard error in full.</summary>
internal sealed class ResultView(Output output, DriverRegistry drivers)
{
    private readonly ShownOperation _shown = new(drivers);

    public void Tell(PlanResult planned, ApplyResult result)
    {
        if (result.Outcome == ApplyOutcome.Done)
        {
            var plan = planned.Plan;
            output.Show(new Line("Done: ", Tint.Good).Add(
                $"{plan.Count(ChangeAction.Create)} created, {plan.Count(ChangeAction.Update)} updated, {plan.Count(ChangeAction.Replace)} replaced, " +
                $"{plan.Count(ChangeAction.Delete)} deleted; {Words.Count(result.Performed, "operation")}, verified."));
            return;
        }

        output.Error(Headline(result));
        if (result.Broke is not null)
            output.Message($"  unexpected {result.Broke}");
        foreach (var failure in result.Failures)
            Failure("", failure);
        foreach (var unverified in result.Unverified)
            Difference(unverified, "wanted");
        foreach (var failure in result.UndoFailures)
            Failure("could not be taken back: ", failure);
        foreach (var different in result.NotRestored)
            Difference(different, "was");
        if (result.Left.Length > 0)
            Left(result);
        if (result.Outcome != ApplyOutcome.RolledBack)
            output.Message(new Line("  hint: ", Tint.Dim).Add(result.Outcome == ApplyOutcome.Unverified
                ? "plan tells what there is, once the kernel can be read"
                : "the next apply goes on from here"));
    }

    private static string Headline(ApplyResult result)
    {
        var word = result.Interrupted ? "interrupted" : "failed";
        return result switch
        {
            { Outcome: ApplyOutcome.Unverified } => "everything was done, but the kernel could not be read afterwards: not verified",
            { Outcome: ApplyOutcome.RolledBack, NotRestored.Length: > 0 } => $"{word}, and taken back; whether all is as before could not be read",
            { Outcome: ApplyOutcome.RolledBack } => $"{word}, and taken back: declared fields are as they were before",
            { UndoFailures.Length: > 0 } => $"{word}, and not all of it could be taken back: partly applied",
            { NotRestored.Length: > 0 } => $"{word}, and taken back, but not all is as it was before: partly applied",
            { Unverified.Length: > 0 } => $"{word}: everything was done, some of it for good, but the kernel shows something else",
            { Left.Length: > 0 } => $"{word} after steps that cannot be taken back: partly applied",
            _ => $"{word} while it was taken back: partly applied",
        };
    }

    private void Difference(VerificationFailure difference, string what)
    {
        output.Message(new Line("  ").Add(difference.Id.ToString(), Tint.Bold).Add($": {difference.Text}"));
        foreach (var field in difference.Fields)
            output.Message($"      {field.Path}: {what} {ShownValue.Text(field.Path, field.To)}, the kernel shows {ShownValue.Text(field.Path, field.From)}");
    }

    private void Failure(string what, OperationFailure failure)
    {
        output.Message(new Line("  ").Add(failure.Id?.ToString() ?? "the instance", Tint.Bold).Add($": {what}{_shown.Text(failure.Id, failure.Operation)}"));
        var field = failure.Operation.Field is { } path ? $" (for {path})" : "";
        output.Message($"      {_shown.Error(failure)}{field}");
    }

    private void Left(ApplyResult result)
    {
        output.Message($"  {Words.Count(result.Performed, "operation")} done, {Words.Count(result.Left.Length, "operation")} left:");
        foreach (var (id, operation) in result.Left)
            output.Message($"      {(id is null ? "" : $"{id}: ")}{_shown.Text(id, operation)}");
    }
}
