using System.Text;

namespace Provision.Spec;

/// <summary>The reference page of the manifest language, from the declarations.</summary>
public static class ReferencePage
{
    /// <summary>Markdown: metadata, one section a kind, the diagnostic codes.</summary>
    public static string Markdown(KindRegistry kinds)
    {
        var text = new StringBuilder("# Manifest reference\n\n");
        text.Append("A manifest has `apiVersion: ").Append(CommonFields.ApiVersion)
            .Append("`, `kind`, `metadata` and `spec`. Several manifests may share a file, separated by `---`.\n");
        text.Append("\n## metadata\n\n");
        Table(text, [.. Explain.Kind(new KindSchema("any", "", [])).Children.First().Children], "any.metadata.".Length);
        foreach (var kind in kinds.Kinds)
        {
            var topic = Explain.Kind(kind);
            text.Append("\n## ").Append(kind.Kind).Append("\n\n").Append(kind.Doc).Append("\n\n");
            Table(text, [.. topic.Children.Skip(1)], kind.Kind.Length + 1);
            if (kind.Example is not null)
                text.Append("\n```yaml\n").Append(kind.Example.TrimEnd()).Append("\n```\n");
        }

        text.Append("\n## Diagnostics\n\n| Code | Meaning |\n|---|---|\n");
        foreach (var (code, meaning) in DiagnosticCodes.All)
            text.Append("| ").Append(code).Append(" | ").Append(meaning).Append(" |\n");
        return text.ToString();
    }

    private static void Table(StringBuilder text, IReadOnlyList<ExplainTopic> topics, int prefix)
    {
        text.Append("| Field | Value | Default | Change | Meaning |\n|---|---|---|---|---|\n");
        Rows(text, topics, prefix);
    }

    private static void Rows(StringBuilder text, IReadOnlyList<ExplainTopic> topics, int prefix)
    {
        foreach (var topic in topics)
        {
            text.Append("| `").Append(topic.Path[prefix..]).Append(topic.Type.StartsWith("list", StringComparison.Ordinal) ? "[]" : "").Append('`')
                .Append(" | ").Append(Cell(topic.Expected ?? topic.Type))
                .Append(" | ").Append(topic.Required ? "required" : Cell(topic.Default ?? ""))
                .Append(" | ").Append(topic.InPlace ? "in place" : Cell($"replace: {topic.ReplaceReason}"))
                .Append(" | ").Append(Cell(topic.Doc)).Append(" |\n");
            Rows(text, topic.Children, prefix);
        }
    }

    private static string Cell(string text) =>
        text.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ');
}
