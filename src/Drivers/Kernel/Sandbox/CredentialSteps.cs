using System.Buffers.Binary;
using System.Globalization;
using Provision.Kernel.Launch;
using static Provision.Kernel.Launch.StepList;

namespace Provision.Kernel.Sandbox;

/// <summary>Limits, capabilities, ids, no_new_privs and the filter, in the order in which each still may be set.</summary>
internal static class CredentialSteps
{
    private const int PrSetKeepCaps = 8, PrCapbsetDrop = 24, PrSetNoNewPrivs = 38, PrCapAmbient = 47;
    private const long AmbientRaise = 2, AmbientClearAll = 4;

    /// <summary>Root of a user namespace that was just joined: until then the process has no id in it.</summary>
    public static void BecomeRoot(StepList to)
    {
        to.Add(SystemCall.SetResGid, 0, 0, 0);
        to.Add(SystemCall.SetResUid, 0, 0, 0);
        ExecSteps.Begin(to);
        to.Add(SystemCall.SetGroups, 0, Argument.Null);
    }

    /// <summary>prlimit64 of the process itself.</summary>
    public static void Limit(StepList to, RlimitResource resource, ulong soft, ulong hard)
    {
        var content = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(content, soft);
        BinaryPrimitives.WriteUInt64LittleEndian(content.AsSpan(8), hard);
        to.Add(SystemCall.Prlimit, 0, Argument.Named("RLIMIT_" + resource.ToString().ToUpperInvariant(), (long)resource),
            Argument.Structure(content, $"{{{Text(soft)}, {Text(hard)}}}"), Argument.Null);
    }

    public static void Drop(StepList to, SandboxSpec spec)
    {
        var capabilities = spec.Security.Capabilities;
        Bounding(to, capabilities.Bounding);
        to.Add(SystemCall.Prctl, Argument.Named("PR_SET_KEEPCAPS", PrSetKeepCaps), 1, 0, 0, 0);
        // Without no_new_privs a filter needs CAP_SYS_ADMIN, which the next steps may take away.
        if (!spec.Security.NoNewPrivileges)
            Filter(to, spec.Security);
        var groups = new byte[spec.User.Groups.Count * 4];
        for (var i = 0; i < spec.User.Groups.Count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(groups.AsSpan(i * 4), spec.User.Groups[i]);
        to.Add(SystemCall.SetGroups, spec.User.Groups.Count, Argument.Structure(groups, $"[{string.Join(", ", spec.User.Groups)}]"));
        to.Add(SystemCall.SetResGid, spec.User.Gid, spec.User.Gid, spec.User.Gid);
        to.Add(SystemCall.SetResUid, spec.User.Uid, spec.User.Uid, spec.User.Uid);
        ExecSteps.Begin(to);
        Sets(to, capabilities);
        if (spec.Security.NoNewPrivileges)
            to.Add(SystemCall.Prctl, Argument.Named("PR_SET_NO_NEW_PRIVS", PrSetNoNewPrivs), 1, 0, 0, 0);
    }

    /// <summary>Loads the filter; with no_new_privs the last step before execve.</summary>
    public static void Filter(StepList to, SecuritySpec security)
    {
        if (security.SeccompFilter is { } filter)
            to.Add(SystemCall.Seccomp, Argument.Named("SECCOMP_SET_MODE_FILTER", 1), security.SeccompFlags, Argument.Filter(filter));
    }

    // Those beyond the last that the kernel knows say EINVAL; the first of them without a name here ends the search.
    private static void Bounding(StepList to, ulong keep)
    {
        for (var i = 0; i < 64; i++)
            if ((keep & (1UL << i)) == 0)
                to.Add(Step(SystemCall.Prctl, Argument.Named("PR_CAPBSET_DROP", PrCapbsetDrop),
                    Argument.Named(Capability.NamesOf(1UL << i).Single(), i), 0, 0, 0) with
                {
                    Passes = [Errno.EINVAL],
                    SkipPassed = i < Capability.Names.Length ? 0 : System.Numerics.BitOperations.PopCount(~keep >> i) - 1,
                });
    }

    // struct __user_cap_header_struct, version 3, and two halves of effective, permitted, inheritable.
    private static void Sets(StepList to, CapabilitySets sets)
    {
        var header = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(header, 0x20080522);
        var data = new byte[24];
        ulong[] values = [sets.Effective, sets.Permitted, sets.Inheritable];
        for (var i = 0; i < 3; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(i * 4), (uint)values[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(data.AsSpan(12 + (i * 4)), (uint)(values[i] >> 32));
        }

        to.Add(SystemCall.CapSet, Argument.Structure(header, "{v3}"), Argument.Structure(data, string.Create(
            CultureInfo.InvariantCulture, $"{{effective {sets.Effective:x16}, permitted {sets.Permitted:x16}, inheritable {sets.Inheritable:x16}}}")));
        to.Add(SystemCall.Prctl, Argument.Named("PR_CAP_AMBIENT", PrCapAmbient), Argument.Named("PR_CAP_AMBIENT_CLEAR_ALL", AmbientClearAll), 0, 0, 0);
        for (var i = 0; i < 64; i++)
            if ((sets.Ambient & (1UL << i)) != 0)
                to.Add(SystemCall.Prctl, Argument.Named("PR_CAP_AMBIENT", PrCapAmbient), Argument.Named("PR_CAP_AMBIENT_RAISE", AmbientRaise),
                    Argument.Named(Capability.NamesOf(1UL << i).Single(), i), 0, 0);
    }

    private static string Text(ulong value) => value == RlimitSpec.Infinity ? "RLIM_INFINITY" : value.ToString(CultureInfo.InvariantCulture);
}
