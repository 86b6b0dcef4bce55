using System.Globalization;
using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Drivers.SecurityProfile;

/// <summary>A profile that a manifest writes out, as the profile reader takes it: each part knows its place.</summary>
internal static class SeccompNodes
{
    /// <param name="path">Of the profile in the resource.</param>
    public static ProfileNode Of(Value value, SourceMap source, string path) => Node(value, source, path, isOperand: false);

    private static ProfileNode Node(Value value, SourceMap source, string path, bool isOperand)
    {
        SourceSpan Place() => source.At(path);
        return value switch
        {
            ObjectValue members => new ProfileObject(
                [.. members.Members.Select(m => (new ProfileScalar(m.Key, true, Place), Node(m.Value, source, FieldPath.Member(path, m.Key), SeccompFields.IsOperand(m.Key))))], Place),
            ListValue items => new ProfileList(
                [.. items.Items.Select((item, i) => Node(item, source, FieldPath.Item(path, i.ToString(CultureInfo.InvariantCulture)), false))], Place),
            _ => new ProfileScalar(value.ToString()!, value is TextValue && !isOperand, Place),
        };
    }
}
