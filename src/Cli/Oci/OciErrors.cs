using System.Text;
using System.Text.Json;
using Provision.Kernel.Launch;
using Provision.Kernel.Sandbox;
using Provision.Reconciler;

namespace Provision.Cli.Oci;

/// <summary>How errors are told: on standard error, and in the file of <c>--log</c> in the form of <c>--log-format</c>.</summary>
internal static class OciErrors
{
    // Engines look for these texts, strerror(3)'s, to tell what went wrong.
    private static readonly Dictionary<int, string> Texts = new()
    {
        [1] = "Operation not permitted",
        [2] = "No such file or directory",
        [3] = "No such process",
        [13] = "Permission denied",
        [16] = "Device or resource busy",
        [20] = "Not a directory",
        [22] = "Invalid argument",
        [28] = "No space left on device",
        [40] = "Too many levels of symbolic links",
    };

    /// <summary>As C has it, for engines, and by name.</summary>
    public static string Text(int errno) => Texts.TryGetValue(errno, out var text) ? $"{text} ({ErrnoNames.Name(errno)})" : ErrnoNames.Describe(errno);

    /// <summary>The whole message of a failure.</summary>
    public static string Of(Exception failure) => failure switch
    {
        LaunchException { Step.Call.Name: "execve" or "faccessat", Errno: 2 } missing => $"executable file not found: {Text(2)}: {missing.Message}",
        LaunchException { Errno: > 0 } step => $"{step.Message}: {Text(step.Errno)}",
        KernelException { Error.Errno: > 0 } kernel => $"{kernel.Message}: {Text(kernel.Error.Errno)}",
        _ => failure.Message,
    };

    public static bool IsExpected(Exception failure) => failure is OciException or LaunchException or SandboxException or KernelException;

    public static void Tell(Surroundings host, OciWords? global, string level, string message)
    {
        host.Error.Write($"{level}: {message}\n");
        host.Error.Flush();
        if (global?.Value("log") is not { Length: > 0 } log)
            return;
        var time = host.Time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            using var file = new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            file.Write(global.Value("log-format") == "json" ? Json(level, message, time) : Encoding.UTF8.GetBytes($"time=\"{time}\" level={level} msg={JsonText(message)}\n"));
        }
        catch (Exception e) when (FileError.Is(e))
        {
            host.Error.Write($"warning: writing {log}: {FileError.Text(e)}\n");
            host.Error.Flush();
        }
    }

    private static byte[] Json(string level, string message, string time)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            json.WriteString("level", level);
            json.WriteString("msg", message);
            json.WriteString("time", time);
            json.WriteEndObject();
        }

        memory.WriteByte((byte)'\n');
        return memory.ToArray();
    }

    private static string JsonText(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
