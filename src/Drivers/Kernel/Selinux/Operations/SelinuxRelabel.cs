namespace Provision.Kernel.Selinux;

/// <summary>Gives a file, or a tree, one label; only what differs in type or level is written.</summary>
/// <param name="Lasting">More labels are lost than a plan keeps: they do not come back.</param>
public sealed record SelinuxRelabel(string Path, string Label, bool Recurse, bool Lasting = false) : SelinuxOperation
{
    public override bool Irreversible => Lasting;

    public override string Text => $"label {Path}{(Recurse ? " and all below it" : "")} {Label}";
}
