using System.Buffers;
using System.Text.Json;
using Provision.Kernel;
using Provision.Spec;

namespace Provision.Cli.Agent;

/// <summary>One thing that the agent wants <c>status</c> to tell.</summary>
/// <param name="Resource">Kind/name; empty when it is about the manifests as a whole.</param>
/// <param name="Type"><c>Contended</c>, <c>Refused</c>, <c>ManifestsInvalid</c>, <c>PlanFailed</c>, <c>EventsLost</c>.</param>
internal sealed record AgentCondition(string Resource, string Type, string Message, DateTimeOffset Since);

/// <summary>
/// /run/provision/INSTANCE/agent-STACK.json, mode 0600, written atomically when something in it changes or it went
/// missing. Only told, never the source of a plan.
/// </summary>
internal sealed class AgentStatusFile(string path)
{
    private string _last = "";

    public void Write(IReadOnlyList<AgentCondition> conditions)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("schemaVersion", "provision/agent/v1");
            json.WriteNumber("pid", Environment.ProcessId);
            json.WriteStartArray("conditions");
            foreach (var condition in conditions)
            {
                json.WriteStartObject();
                json.WriteString("resource", condition.Resource);
                json.WriteString("type", condition.Type);
                json.WriteString("message", condition.Message);
                json.WriteString("since", condition.Since.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture));
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        var text = Sha256.Hex(buffer.WrittenSpan);
        if (text == _last && File.Exists(path))
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        AtomicFile.Sweep(path);
        AtomicFile.Write(path, buffer.WrittenSpan, 0x180);
        _last = text;
    }

    public void Remove() => File.Delete(path);
}
