using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Drivers.SecurityProfile;

/// <summary>
/// Reads, checks and compiles the seccomp profile of a resource while its lines are still known; what stays is its
/// canonical form, so that neither a plan nor a mark needs the file again.
/// </summary>
internal static class SeccompEmbedding
{
    // Every rule that some kernel has counts: the host's own is asked when a container is started.
    private static readonly Version AnyKernel = new(int.MaxValue, 0);

    public static Resource Embed(SecurityFields fields, Resource resource, Embedding files)
    {
        if (resource.Spec.Get(fields.Seccomp) is not ObjectValue written)
            return resource;
        var (bag, path) = (files.Bag, fields.Seccomp.Path);
        var profile = (written[SeccompFields.FileName] as TextValue)?.Text is not { } name
            ? ProfileReader.Read(SeccompNodes.Of(written, resource.Source, path), bag)
            : files.Read(name, resource.Source.At(FieldPath.Member(path, SeccompFields.FileName))) is { } source ? ProfileReader.Read(source, bag)
            : null;
        if (profile is null || !Answered(profile, bag))
            return resource;
        var keep = CapabilityType.Mask(((ListValue)(resource.Spec.Get(fields.Keep) ?? fields.Keep.Default!)).Items);
        return SeccompCompiler.Compile(profile, new SeccompTarget(SeccompTarget.Native, keep, AnyKernel), bag) is null
            ? resource
            : resource with { Spec = resource.Spec.With(fields.Seccomp, ProfileWriter.Write(profile)) };
    }

    // The descriptor of a listener would have to be handed to somebody.
    private static bool Answered(SeccompProfile profile, DiagnosticBag bag)
    {
        var asks = profile.Rules.Where(static r => r.Action == SeccompAction.Notify).ToList();
        foreach (var rule in asks)
            bag.Error(SecurityProfileCodes.Notify, "SCMP_ACT_NOTIFY asks a listener, and containers have none", rule.Span, "use SCMP_ACT_ERRNO or SCMP_ACT_ALLOW");
        return asks.Count == 0;
    }
}
