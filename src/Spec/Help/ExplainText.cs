using System.Text;

namespace Provision.Spec;

/// <summary>A topic as plain text.</summary>
public static class ExplainText
{
    private const int Width = 90;

    public static string Render(ExplainTopic topic)
    {
        var text = new StringBuilder();
        text.Append(topic.Path).Append("  <").Append(topic.Type).Append('>').Append(topic.Required ? "  required" : "").Append("\n\n");
        Wrap(text, topic.Doc, "  ");
        if (topic.Type != "kind")
            Facts(text.Append('\n'), topic);
        if (!topic.Children.IsEmpty)
        {
            text.Append("\nFIELDS\n");
            Members(text, topic);
        }

        if (topic.Example is not null)
        {
            text.Append("\nEXAMPLE\n");
            foreach (var line in topic.Example.TrimEnd().Split('\n'))
                text.Append(line.Length == 0 ? "" : "  ").Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static void Facts(StringBuilder text, ExplainTopic topic)
    {
        Line(text, "value", topic.Expected);
        Line(text, "default", topic.Default);
        Line(text, "items", topic.Key is null ? null : $"known by their {topic.Key}; order does not matter");
        Line(text, "change", topic.ReplaceReason is null ? "in place" : $"replaces the object: {topic.ReplaceReason}");
        Line(text, "secret", topic.Secret ? "its value is never shown" : null);
    }

    private static void Members(StringBuilder text, ExplainTopic topic)
    {
        foreach (var child in topic.Children)
        {
            text.Append("  ").Append(child.Name).Append("  <").Append(child.Type).Append('>');
            text.Append(child.Required ? "  required" : child.Default is null ? "" : $"  default {child.Default}");
            text.Append(child.InPlace ? "" : "  (replaces)").Append('\n');
            Wrap(text, child.Doc, "      ");
        }
    }

    private static void Line(StringBuilder text, string name, string? value)
    {
        if (value is not null)
            Wrap(text, $"{name + ":",-9} {value}", "  ");
    }

    private static void Wrap(StringBuilder text, string words, string indent)
    {
        var column = 0;
        foreach (var word in words.Split(' '))
        {
            if (column == 0 || column + 1 + word.Length > Width)
            {
                text.Append(column == 0 ? "" : "\n").Append(indent).Append(word);
                column = indent.Length + word.Length;
            }
            else
            {
                text.Append(' ').Append(word);
                column += 1 + word.Length;
            }
        }

        text.Append('\n');
    }
}
