namespace Provision.EndToEnd;

/// <summary>A moment at which a run can be killed: before a call that changes something.</summary>
/// <param name="Side"><c>own</c>: a call of the program itself; <c>line</c>: a line of a launch program, in a child of it.</param>
/// <param name="Place">Among those of the run, from 1.</param>
/// <param name="Object">What it changes; <c>-</c> where that is not told apart.</param>
internal sealed record Moment(string Side, int Place, string Call, string Object)
{
    public override string ToString() => $"{Side} {Place} {Call} {Object}";
}
