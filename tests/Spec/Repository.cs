using System.Runtime.CompilerServices;

namespace Provision.Spec.Tests;

/// <summary>Files kept beside the tests: what is expected, and how it is brought up to date.</summary>
internal static class Repository
{
    public static string Folder(string name) => Path.Combine(Path.GetDirectoryName(Here())!, name);

    /// <summary>Compares with a kept file; UPDATE_GOLDEN=1 rewrites it first.</summary>
    public static void AssertKept(string path, string actual)
    {
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, actual);
        Assert.Equal(File.Exists(path) ? File.ReadAllText(path) : "", actual);
    }

    private static string Here([CallerFilePath] string path = "") => path;
}
