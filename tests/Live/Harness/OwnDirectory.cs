namespace Provision.Testing;

/// <summary>A directory of the test's own, in /tmp unless told, readable by everybody; disposed, it is gone.</summary>
public sealed class OwnDirectory : IDisposable
{
    /// <param name="above">Where it is made.</param>
    public OwnDirectory(string above = "/tmp")
    {
        Path = $"{above}/{UniqueName.Of("pt")}";
        Directory.CreateDirectory(Path, (UnixFileMode)0b111_101_101);
    }

    public string Path { get; }

    /// <summary>
    /// Writes a file and returns its path. It appears whole, by a rename, as editors and GitOps tools do it: an agent
    /// that follows the directory would otherwise read it empty or in half.
    /// </summary>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        var whole = System.IO.Path.Combine(Path, UniqueName.Of(".writing"));
        File.WriteAllText(whole, text);
        File.Move(whole, path, overwrite: true);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
