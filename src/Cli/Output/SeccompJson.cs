using Provision.Kernel.Seccomp;
using Provision.Reconciler.Reports;

namespace Provision.Cli;

/// <summary>Filters and their differences, for programs.</summary>
internal static class SeccompJson
{
    /// <summary><c>provision/seccomp/v1</c>.</summary>
    public static string Filter(SeccompFilter filter) => ReportText.Write("provision/seccomp/v1", writer =>
    {
        writer.WriteString("profile", filter.Name);
        if (filter is { Profile: { } profile, Target: { } target })
        {
            writer.WriteString("kernel", target.Kernel.ToString(2));
            writer.WriteString("tables", SeccompArchs.TablesVersion);
            writer.WriteStartArray("architectures");
            foreach (var arch in SeccompSummary.Of(profile, target))
            {
                writer.WriteStartObject();
                writer.WriteString("name", SeccompArchs.Name(arch.Arch));
                writer.WriteNumber("allowed", arch.Allowed);
                writer.WriteNumber("byArguments", arch.ByArguments);
                writer.WriteNumber("refused", arch.Refused);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteNumber("flags", filter.Program.Flags);
        writer.WriteNumber("instructions", filter.Program.Instructions.Length);
        writer.WriteNumber("worstExecuted", filter.Program.WorstExecuted);
        writer.WriteBase64String("program", filter.Program.Bytes.Span);
        DiagnosticJson.Write(writer, filter.Diagnostics);
    });

    /// <summary><c>provision/seccomp-diff/v1</c>.</summary>
    public static string Changes(string before, string after, IEnumerable<VerdictChange> changes) => ReportText.Write("provision/seccomp-diff/v1", writer =>
    {
        writer.WriteString("a", before);
        writer.WriteString("b", after);
        writer.WriteStartArray("changes");
        foreach (var change in changes)
        {
            writer.WriteStartObject();
            writer.WriteString("arch", change.ArchName);
            if (change.Name is not null)
                writer.WriteString("call", change.Name);
            writer.WriteNumber("number", change.Witness.Number);
            if (change.Last != change.Witness.Number)
                writer.WriteNumber("lastNumber", change.Last);
            if (change.Arguments)
            {
                // Numbers of 64 bits are no JSON numbers for many readers.
                writer.WriteStartArray("arguments");
                foreach (var argument in change.Witness.Arguments)
                    writer.WriteStringValue($"0x{argument:x}");
                writer.WriteEndArray();
            }

            writer.WriteString("a", change.Before.ToString());
            writer.WriteString("b", change.After.ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
