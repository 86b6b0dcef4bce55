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

        var word = result.Interrupted ? "interrupted" : "failed";
        output.Error(result.Outcome == ApplyOutcome.RolledBack
            ? $"{word}, and taken back: declared fields are as they were before"
            : $"{word} after steps that cannot be taken back: partly applied");
        foreach (var failure in result.Failures)
            Failure("", failure);
        foreach (var unverified in result.Unverified)
        {
            output.Message(new Line("  ").Add(unverified.Id.ToString(), Tint.Bold).Add($": {unverified.Text}"));
            foreach (var field in unverified.Fields)
                output.Message($"      {field.Path}: wanted {ShownValue.Text(field.Path, field.To)}, the kernel shows {ShownValue.Text(field.Path, field.From)}");
        }

        foreach (var failure in result.UndoFailures)
            Failure("could not be taken back: ", failure);
        if (result.Outcome == ApplyOutcome.Partial)
            Left(planned, result);
    }

    private void Failure(string what, OperationFailure failure)
    {
        output.Message(new Line("  ").Add(failure.Id?.ToString() ?? "the instance", Tint.Bold).Add($": {what}{_shown.Text(failure.Id, failure.Operation)}"));
        var field = failure.Operation.Field is { } path ? $" (for {path})" : "";
        output.Message($"      {_shown.Error(failure)}{field}");
    }

    private void Left(PlanResult planned, ApplyResult result)
    {
        output.Message($"  {Words.Count(result.Performed, "operation")} done, {Words.Count(result.Left.Length, "operation")} left:");
        foreach (var operation in result.Left)
        {
            var id = planned.Plan.Changes.FirstOrDefault(c => c.Operations.Any(o => ReferenceEquals(o, operation)))?.Id;
            output.Message($"      {(id is null ? "" : $"{id}: ")}{_shown.Text(id, operation)}");
        }

        output.Message(new Line("  hint: ", Tint.Dim).Add("the next apply goes on from here"));
    }
}
