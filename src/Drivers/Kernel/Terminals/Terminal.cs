namespace Provision.Kernel.Terminals;

/// <summary>What can be asked of a terminal and told to it.</summary>
public static unsafe class Terminal
{
    /// <summary>The size of the caller's terminal: of the first of standard output, input and error that is one; null when none is.</summary>
    public static TerminalSize? CallersSize() => SizeOf(1) ?? SizeOf(0) ?? SizeOf(2);

    /// <summary>Standard input is a terminal.</summary>
    public static bool IsInput => SizeOf(0) is not null;

    /// <summary>Tells the kernel, which tells the foreground process group with SIGWINCH; a terminal that is gone is fine.</summary>
    internal static void Resize(int file, TerminalSize size)
    {
        var wanted = new TerminalNative.Size { Rows = size.Rows, Columns = size.Columns };
        _ = TerminalNative.ioctl(file, TerminalNative.SetSize, &wanted);
    }

    private static TerminalSize? SizeOf(int file)
    {
        TerminalNative.Size size;
        return TerminalNative.ioctl(file, TerminalNative.GetSize, &size) == 0 ? new TerminalSize(size.Rows, size.Columns) : null;
    }
}
