using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Provision.Cli;

/// <summary><c>version</c>.</summary>
internal static class VersionCommand
{
    public static Command Create(Runner run) => run.Command("version", "Show the version", Run, Options.Format);

    private static int Run(Session session)
    {
        if (session.ForPeople)
        {
            session.Output.Data($"provision {BuildInfo.FullVersion}");
            return ExitCode.Done;
        }

        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("schemaVersion", "provision/version/v1");
            writer.WriteString("version", BuildInfo.Version);
            writer.WriteString("commit", BuildInfo.Commit.Length == 0 ? null : BuildInfo.Commit);
            writer.WriteString("runtime", RuntimeInformation.FrameworkDescription);
            writer.WriteString("architecture", RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant());
            writer.WriteEndObject();
        }

        session.Report(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
        return ExitCode.Done;
    }
}
