namespace Provision.Testing;

/// <summary>A directory of the test's own under /tmp, readable by everybody; disposed, it is gone.</summary>
public sealed class OwnDirectory : IDisposable
{
    public OwnDirectory() =>
        Directory.CreateDirectory(Path, (UnixFileMode)0b111_101_101);

    public string Path { get; } = $"/tmp/{UniqueName.Of("pt")}";

    /// <summary>Writes a file and returns its path.</summary>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
