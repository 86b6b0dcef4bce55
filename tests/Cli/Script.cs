using System.Text;
using Provision.Reconciler.Tests.Fakes;
using Provision.Spec;

namespace Provision.Cli.Tests;

/// <summary>
/// A session as text. <c>$ plan -f @/a.yaml</c> runs the program (@ is the session's directory); <c>! …</c> is a
/// foreign hand: <c>! box NAME size=2 tags=a,b</c>, <c>! remove NAME</c>, <c>! cp FROM TO</c>, <c>! rm FILE</c>,
/// <c>! refuse ERRNO TIMES OPERATION</c>, <c>! interrupt OPERATION</c>, <c>! square</c> (no room for round boxes); <c>&lt; yes</c> is typed at the next question;
/// other lines are comments.
/// </summary>
internal sealed class Script(Bench bench)
{
    private readonly StringBuilder _shown = new();

    public string Play(IEnumerable<string> lines)
    {
        foreach (var line in lines)
        {
            _shown.Append(line).Append('\n');
            if (line.StartsWith("$ ", StringComparison.Ordinal))
                Run(line[2..].Split(' ', StringSplitOptions.RemoveEmptyEntries));
            else if (line.StartsWith("! ", StringComparison.Ordinal))
                Meddle(line[2..].Split(' '));
            else if (line.StartsWith("< ", StringComparison.Ordinal))
                bench.Typed = line[2..] + "\n";
        }

        return _shown.ToString();
    }

    private void Run(string[] words)
    {
        var (code, data, messages) = bench.Run([.. words.Select(w => w.Replace("@", bench.Root, StringComparison.Ordinal))]);
        bench.Typed = null;
        Append("", data);
        Append("2> ", messages);
        _shown.Append($"=> {code}\n\n");
    }

    private void Append(string prefix, string text)
    {
        if (text.Length == 0)
            return;
        foreach (var line in text.Replace(bench.Root, "@", StringComparison.Ordinal).TrimEnd('\n').Split('\n'))
            _shown.Append(prefix).Append(line).Append('\n');
    }

    private void Meddle(string[] words)
    {
        switch (words)
        {
            case ["box", var name, .. var fields]:
                var there = bench.Shelf.Boxes.GetValueOrDefault(name) ?? new Box(ObjectValue.Empty, null);
                bench.Shelf.Boxes[name] = there with { State = fields.Aggregate(there.State, With) };
                break;
            case ["remove", var name]:
                Assert.True(bench.Shelf.Boxes.Remove(name));
                break;
            case ["cp", var from, var to]:
                File.Copy(Path.Combine(bench.Root, from), Path.Combine(bench.Root, to), overwrite: true);
                break;
            case ["rm", var path]:
                File.Delete(Path.Combine(bench.Root, path));
                break;
            case ["refuse", var errno, var times, .. var operation]:
                bench.Shelf.Faults[string.Join(' ', operation)] = (int.Parse(errno), int.Parse(times));
                break;
            case ["square"]:
                bench.Shelf.OnlySquare = true;
                break;
            case ["interrupt", .. var operation]:
                Interrupt? current = null;
                bench.Interrupts = () => current = new Interrupt();
                bench.Shelf.Before = o =>
                {
                    if (o.Text == string.Join(' ', operation))
                        current!.Cancel();
                };
                break;
            default:
                throw new ArgumentException(string.Join(' ', words));
        }
    }

    private static ObjectValue With(ObjectValue state, string assignment)
    {
        var (name, text) = (assignment.Split('=')[0], assignment.Split('=')[1]);
        var field = Boxes.Schema.Fields.Single(f => f.Name == name);
        return state.With(field, field == Boxes.Tags
            ? new ListValue([.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(static t => new TextValue(t))])
            : text);
    }
}
