namespace Provision.Kernel;

/// <summary>Writes one value to a control file.</summary>
/// <param name="Hierarchy">The hierarchy's name.</param>
/// <param name="Value">Written as it is, in one write(2). Never empty: the kernel takes an empty string for 0; an
/// empty set is a newline.</param>
public sealed record CgroupWrite(string Hierarchy, string Path, string File, string Value) : CgroupOperation(Path)
{
    public override string Text => $"write {File} {(Value == "\n" ? "(empty)" : Value)}";
}
