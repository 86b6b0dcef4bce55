using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>The installed libseccomp, asked through libseccomp.py.</summary>
internal static class Libseccomp
{
    /// <summary>The numbers that it has for names on an architecture (with x32's bit), without those it does not know.</summary>
    public static Dictionary<string, long> Numbers(uint arch, IEnumerable<string> names) =>
        Ask(new Dictionary<string, object> { ["arch"] = arch, ["resolve"] = names.ToArray() })
            .EnumerateObject().ToDictionary(static p => p.Name, static p => p.Value.GetInt64());

    public static JsonElement Ask(Dictionary<string, object> asked)
    {
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(Path.GetDirectoryName(Here())!, "libseccomp.py")])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        python.StandardInput.Write(JsonSerializer.Serialize(asked));
        python.StandardInput.Close();
        var answer = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        Assert.Equal(0, python.ExitCode);
        return JsonDocument.Parse(answer).RootElement;
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
