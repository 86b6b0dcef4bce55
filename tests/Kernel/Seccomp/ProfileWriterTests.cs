using System.Text;
using CsCheck;
using Provision.Kernel.Seccomp;
using Provision.Spec;

namespace Provision.Kernel.Tests.Seccomp;

/// <summary>The canonical form of a profile: the same filter, the same text however the file was laid out.</summary>
public sealed class ProfileWriterTests
{
    [Theory]
    [InlineData("docker-default")]
    [InlineData("podman-default")]
    public void Written_PeoplesProfile_ReadsBackToTheSameFilterOfEveryTarget(string name)
    {
        var text = Profiles.Text(name);
        var written = Write(text);

        foreach (var target in Profiles.Targets)
            Assert.True(Profiles.Program(text, target).Bytes.Span.SequenceEqual(Profiles.Program(written, target).Bytes.Span), target.ToString());
        Assert.Equal(written, Write(written));
    }

    // Beside the rest of a container's spec, in a mark of 64 KiB.
    [Theory]
    [InlineData("docker-default")]
    [InlineData("podman-default")]
    public void Written_PeoplesProfile_FitsIntoAMark(string name) =>
        Assert.InRange(Encoding.UTF8.GetByteCount(CanonicalJson.Write(ProfileWriter.Write(Profiles.Read(Profiles.Text(name)).Profile!))), 1, 16 << 10);

    [Fact]
    public void Written_SameRulesInAnotherLayout_IsTheSame() =>
        Assert.Equal(
            Write(Profiles.With(Profiles.Rule("read write", "ALLOW") + "," + Profiles.Rule("mount", "ERRNO", """, "errnoRet": 1, "comment": "x" """))),
            Write(Profiles.With(Profiles.Rule("mount", "ERRNO") + "," + Profiles.Rule("write", "ALLOW") + "," + Profiles.Rule("read", "ALLOW"), more: "\"comment\": \"y\",")));

    [Fact]
    public void Written_ContradictingRules_KeepTheirOrder()
    {
        var (one, other) = (Profiles.Rule("mount", "ERRNO"), Profiles.Rule("mount", "KILL"));

        Assert.NotEqual(Write(Profiles.With(one + "," + other)), Write(Profiles.With(other + "," + one)));
    }

    [Fact]
    public void Written_AnyProfile_ReadsBackToTheSameFilter() =>
        RandomProfileTests.RandomProfiles(8, 3).Sample(
            static text =>
            {
                var (before, after) = (RandomProfileTests.Unchecked(text), RandomProfileTests.Unchecked(Write(text)));
                if (!before.Bytes.Span.SequenceEqual(after.Bytes.Span) && SeccompDiff.Compare(before, after) is [var change, ..])
                    throw new InvalidOperationException($"{change.Call}: {change.Before}, then {change.After}\n{text}");
            },
            iter: 60);

    // As a manifest would be read: operands are text there, and numbers in JSON.
    private static string Write(string text)
    {
        var (profile, bag) = Profiles.Read(text);
        Assert.True(profile is not null, string.Join('\n', bag.Items));
        return System.Text.RegularExpressions.Regex.Replace(CanonicalJson.Write(ProfileWriter.Write(profile)), """("value(Two)?":)"([0-9]+)" """.TrimEnd(), "$1$3");
    }
}
