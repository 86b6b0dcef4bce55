using System.Text;
using Provision.Reconciler;

namespace Provision.Cli;

/// <summary>
/// The file of a saved plan: created beside its final name before the kernel is read, mode 0600, renamed when it is
/// whole; removed when it does not come to that.
/// </summary>
internal sealed class PlanFile : IDisposable
{
    private readonly FileStream _stream;
    private readonly string _temporary;
    private bool _written;

    private PlanFile(string path, string temporary, FileStream stream)
    {
        Path = path;
        _temporary = temporary;
        _stream = stream;
    }

    public string Path { get; }

    public static PlanFile Open(string path)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        return Guard("create", path, () =>
        {
            if (Directory.Exists(path))
                throw new KernelException(new KernelError("create", path, null, 21));
            return new PlanFile(path, temporary, new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        });
    }

    public void Write(string text) => Guard("write", Path, () =>
    {
        _stream.Write(Encoding.UTF8.GetBytes(text + "\n"));
        _stream.Flush(flushToDisk: true);
        File.Move(_temporary, Path, overwrite: true);
        return _written = true;
    });

    public void Dispose()
    {
        _stream.Dispose();
        if (!_written)
            File.Delete(_temporary);
    }

    private static T Guard<T>(string action, string path, Func<T> what)
    {
        try
        {
            return what();
        }
        catch (Exception e) when (FileError.Is(e))
        {
            throw new KernelException(new KernelError(action, path, null, FileError.Errno(e)));
        }
    }
}
