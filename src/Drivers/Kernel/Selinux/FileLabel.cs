namespace Provision.Kernel.Selinux;

/// <summary>An object of a tree and its label.</summary>
/// <param name="Path">Relative to the tree's root; "" is the root itself.</param>
/// <param name="Label"><c>user:role:type:level</c>; empty where it has none of its own.</param>
public sealed record FileLabel(string Path, string Label)
{
    /// <summary>Type and level of a label, which is what policies decide on.</summary>
    public (string Type, string Level) Parts => Label.Split(':', 4) is [_, _, var type, var level] ? (type, level) : ("unlabeled_t", "s0");
}
