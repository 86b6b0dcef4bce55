using System.Globalization;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>Nodes to values, with what is wrong told into a bag.</summary>
internal sealed class ProfileValues(DiagnosticBag bag)
{
    public DiagnosticBag Bag => bag;

    /// <summary>The members of an object with only these keys; null after an error.</summary>
    public Keys? Object(ProfileNode node, string what, params string[] known)
    {
        if (node is not ProfileObject members)
        {
            Wrong(node, $"{what} must be an object, not {node.Called}");
            return null;
        }

        var found = new Dictionary<string, ProfileNode>();
        foreach (var (key, value) in members.Members)
        {
            if (!known.Contains(key.Text))
                bag.Error(SeccompCodes.UnknownKey, $"{what} has no key {Shown.Text(key.Text)}", key.Span, Suggestion.Hint(key.Text, known) ?? $"keys are {string.Join(", ", known)}");
            else if (!found.TryAdd(key.Text, value))
                bag.Error(SeccompCodes.DuplicateKey, $"{key.Text} is given twice", key.Span);
        }

        return new Keys(this, node, what, found);
    }

    /// <summary>The items of a list; none for null and nothing.</summary>
    public IEnumerable<ProfileNode> Items(ProfileNode? node)
    {
        if (node is ProfileList list)
            return list.Items;
        if (node is not (null or ProfileScalar { IsNull: true }))
            Wrong(node, $"a list is wanted here, not {node.Called}");
        return [];
    }

    public string? Text(ProfileNode node)
    {
        if (node is ProfileScalar { Quoted: true } scalar)
            return scalar.Text;
        Wrong(node, $"a string is wanted here, not {node.Called}");
        return null;
    }

    /// <summary>A whole number from 0 to <paramref name="most"/>; 0 after an error.</summary>
    public ulong Number(ProfileNode node, ulong most)
    {
        if (node is ProfileScalar { Quoted: false } scalar && ulong.TryParse(scalar.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most)
            return number;
        Wrong(node, string.Create(CultureInfo.InvariantCulture, $"a whole number from 0 to {most} is wanted here, not {node.Called}"));
        return 0;
    }

    /// <summary>A word out of a set; the type's default after an error.</summary>
    public T? Word<T>(ProfileNode node, IReadOnlyDictionary<string, T> words)
    {
        if (Text(node) is not { } text)
            return default;
        if (words.TryGetValue(text, out var value))
            return value;
        Unknown(node, text, words.Keys);
        return default;
    }

    public void Unknown(ProfileNode node, string text, IEnumerable<string> known)
    {
        var words = known.ToList();
        bag.Error(SeccompCodes.WrongValue, $"unknown word {Shown.Text(text)}", node.Span, Suggestion.Hint(text, words) ?? $"known: {string.Join(", ", words)}");
    }

    public void Wrong(ProfileNode node, string message) => bag.Error(SeccompCodes.WrongValue, message, node.Span);

    /// <summary>Members of an object by key.</summary>
    internal sealed class Keys(ProfileValues values, ProfileNode node, string what, Dictionary<string, ProfileNode> members)
    {
        /// <summary>Null when the key is not there, or has no value.</summary>
        public ProfileNode? Find(string key) => members.GetValueOrDefault(key) is { } value and not ProfileScalar { IsNull: true } ? value : null;

        public ProfileNode? Required(string key)
        {
            if (Find(key) is { } value)
                return value;
            values.Bag.Error(SeccompCodes.MissingKey, $"{what} must have the key {key}", node.Span);
            return null;
        }
    }
}
