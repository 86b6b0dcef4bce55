using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Provision.Kernel.Launch;

/// <summary>One argument of a step: what the kernel gets, and how a listing shows it.</summary>
/// <param name="Shown">As strace(1) would write it.</param>
public abstract record Argument(string Shown)
{
    public static implicit operator Argument(long value) => new NumberArgument(value, value, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A NUL-terminated string; its address is passed.</summary>
    public static implicit operator Argument(string text) => new BytesArgument([.. Encoding.UTF8.GetBytes(text), 0], null, $"\"{text}\"");

    /// <summary>A null pointer.</summary>
    public static Argument Null { get; } = new NumberArgument(0, 0, "NULL");

    /// <summary>AT_FDCWD.</summary>
    public static Argument Here { get; } = new NumberArgument(-100, -100, "AT_FDCWD");

    /// <summary>A constant by its name.</summary>
    public static Argument Named(string name, long value) => new NumberArgument(value, value, name);

    /// <summary>A constant whose value the architectures do not share.</summary>
    public static Argument Named(string name, long x64, long arm64) => new NumberArgument(x64, arm64, name);

    /// <summary>Permission bits and modes.</summary>
    public static Argument Octal(uint value) => new NumberArgument(value, value, "0" + Convert.ToString(value, 8));

    /// <summary>A value that is known only when the program starts, or that an earlier step gave.</summary>
    public static Argument Slot(string name) => new SlotArgument(name);

    /// <summary>A structure; its address is passed.</summary>
    public static Argument Structure(byte[] content, string shown) => new BytesArgument([.. content], null, shown);

    /// <summary>A structure with fields that the architectures do not share.</summary>
    public static Argument Structure(byte[] x64, byte[] arm64, string shown) => new BytesArgument([.. x64], [.. arm64], shown);

    /// <summary>A NULL-terminated array of strings.</summary>
    public static Argument Vector(IEnumerable<string> texts)
    {
        ImmutableArray<string> all = [.. texts];
        return new VectorArgument(all, $"[{string.Join(", ", all.Select(static t => $"\"{t}\""))}]");
    }

    /// <summary>An environment: a listing tells the names, since values hold secrets.</summary>
    public static Argument Environment(IEnumerable<string> variables)
    {
        ImmutableArray<string> all = [.. variables];
        return new VectorArgument(all, $"[{string.Join(", ", all.Select(static v => v.Split('=', 2)[0]))}]");
    }

    /// <summary>
    /// struct msghdr of one byte and one descriptor (unix(7), SCM_RIGHTS). What says so to the kernel is three slots in a
    /// row, inputs of the program: <see cref="LaunchInputs.Rights"/>; the descriptor is put into the last by a step.
    /// </summary>
    /// <param name="first">The first of the three.</param>
    public static Argument Rights(string first) => new RightsArgument(first);

    /// <summary>struct sock_fprog with its instructions, 8 bytes each.</summary>
    public static Argument Filter(ReadOnlySpan<byte> instructions) =>
        new FilterArgument([.. instructions], $"{{{instructions.Length / 8} instructions}}");
}

internal sealed record NumberArgument(long X64, long Arm64, string Shown) : Argument(Shown);

internal sealed record SlotArgument(string Name) : Argument(Name);

internal sealed record BytesArgument(ImmutableArray<byte> X64, ImmutableArray<byte>? Arm64, string Shown) : Argument(Shown);

internal sealed record VectorArgument(ImmutableArray<string> Texts, string Shown) : Argument(Shown);

internal sealed record RightsArgument(string First) : Argument($"{{SCM_RIGHTS [{First}]}}");

internal sealed record FilterArgument(ImmutableArray<byte> Instructions, string Shown) : Argument(Shown);
