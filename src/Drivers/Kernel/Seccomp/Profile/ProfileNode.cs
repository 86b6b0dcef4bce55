using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>A profile's text as a tree, whatever it was written in; every node knows its place.</summary>
public abstract class ProfileNode(Func<SourceSpan> place)
{
    private readonly Lazy<SourceSpan> _span = new(place);

    public SourceSpan Span => _span.Value;

    /// <summary>What people call it.</summary>
    public abstract string Called { get; }
}

/// <summary>A string, number, true, false or null.</summary>
/// <param name="text">Without quotes and escapes; <c>null</c> for null.</param>
public sealed class ProfileScalar(string text, bool quoted, Func<SourceSpan> place) : ProfileNode(place)
{
    public string Text { get; } = text;

    /// <summary>A string, and not something that only looks like one.</summary>
    public bool Quoted { get; } = quoted;

    public bool IsNull => !Quoted && Text == "null";

    public override string Called => Shown.Text(Text);
}

public sealed class ProfileList(List<ProfileNode> items, Func<SourceSpan> place) : ProfileNode(place)
{
    public List<ProfileNode> Items { get; } = items;

    public override string Called => "a list";
}

/// <summary>An object; a key may occur twice, which the reader reports.</summary>
public sealed class ProfileObject(List<(ProfileScalar Key, ProfileNode Value)> members, Func<SourceSpan> place) : ProfileNode(place)
{
    public List<(ProfileScalar Key, ProfileNode Value)> Members { get; } = members;

    public override string Called => "an object";
}
