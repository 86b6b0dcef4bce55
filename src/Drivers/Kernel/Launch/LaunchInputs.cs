namespace Provision.Kernel.Launch;

/// <summary>Descriptor numbers that a process is started with; they stay the caller's.</summary>
public sealed record LaunchStdio(int Stdin, int Stdout, int Stderr);

/// <summary>What is known only when a program starts: descriptors by the names of their slots.</summary>
public sealed class LaunchInputs : IDisposable
{
    private readonly Dictionary<string, long> _values = new(StringComparer.Ordinal);
    private readonly List<IDisposable> _owned = [];

    public const string Stdin = "stdin", Stdout = "stdout", Stderr = "stderr";

    public LaunchInputs()
    {
    }

    public LaunchInputs(LaunchStdio stdio)
    {
        _values[Stdin] = stdio.Stdin;
        _values[Stdout] = stdio.Stdout;
        _values[Stderr] = stdio.Stderr;
    }

    /// <summary>struct cmsghdr and its descriptor as three slots: a length of 20, SOL_SOCKET with SCM_RIGHTS, and the descriptor's.</summary>
    /// <param name="file">The slot that a step puts the descriptor into.</param>
    internal void Rights(string length, string kind, string file)
    {
        _values[length] = 20;
        _values[kind] = (1L << 32) | 1;
        _values[file] = -1;
    }

    /// <summary>The value of a slot.</summary>
    /// <exception cref="KeyNotFoundException">The program asks for an input that was not given.</exception>
    public long this[string name]
    {
        get => _values[name];
        set => _values[name] = value;
    }

    /// <summary>Gives a slot a descriptor that is closed with the inputs.</summary>
    internal void Own(string name, Fd file)
    {
        _owned.Add(file);
        _values[name] = file.Number;
    }

    public void Dispose()
    {
        foreach (var file in _owned)
            file.Dispose();
        _owned.Clear();
    }
}
