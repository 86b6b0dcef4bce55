using Provision.Kernel.Seccomp;

namespace Provision.Kernel.Tests.Seccomp;

public sealed class FilterStackTests
{
    private static readonly SeccompProgram
        Own = Profiles.Program(Profiles.Text("docker-default"), Profiles.OnlyAmd64),
        AllowAll = new([new SockFilter(SockFilter.Return, 0, 0, SeccompAction.Allow.Value)]);

    // Loads the architecture once more before it starts: other bytes, the same verdicts.
    private static readonly SeccompProgram Longer = new([new SockFilter(SockFilter.Load, 0, 0, 4), .. Own.Instructions]);

    [Fact]
    public void Compare_NothingWhereNothingIsExpected_IsAsExpected() => Assert.True(FilterStack.Compare(null, []).IsAsExpected);

    [Fact]
    public void Compare_TheOwnFilterAlone_IsAsExpected()
    {
        var stack = FilterStack.Compare(Own, [Own]);

        Assert.True(stack is { IsAsExpected: true, SameBytes: true, Place: 0, IsMissing: false });
    }

    [Fact]
    public void Compare_OtherBytesWithTheSameVerdicts_IsAsExpectedAndSaysSo()
    {
        var stack = FilterStack.Compare(Own, [Longer]);

        Assert.True(stack is { IsAsExpected: true, SameBytes: false, Place: 0 });
    }

    [Theory]
    [InlineData(true, 0, 1)]
    [InlineData(false, 1, 0)]
    public void Compare_OneMore_IsForeignWhereverItIs(bool ownFirst, int place, int foreign)
    {
        var stack = FilterStack.Compare(Own, ownFirst ? [Own, AllowAll] : [AllowAll, Own]);

        Assert.False(stack.IsAsExpected);
        Assert.False(stack.IsMissing);
        Assert.Equal(place, stack.Place);
        Assert.Equal([foreign], stack.Foreign);
    }

    [Fact]
    public void Compare_TheOwnFilterTwice_IsOneTooMany() => Assert.Equal([1], FilterStack.Compare(Own, [Own, Own]).Foreign);

    [Fact]
    public void Compare_AFilterWhereNoneIsExpected_IsForeign() => Assert.Equal([0], FilterStack.Compare(null, [AllowAll]).Foreign);

    [Fact]
    public void Compare_None_IsMissing()
    {
        var stack = FilterStack.Compare(Own, []);

        Assert.True(stack is { IsMissing: true, IsAsExpected: false });
        Assert.Empty(stack.Foreign);
    }

    [Fact]
    public void Compare_AnotherInItsPlace_TellsEveryCallThatItTreatsDifferently()
    {
        var stack = FilterStack.Compare(Own, [AllowAll]);

        Assert.True(stack.IsMissing);
        Assert.Equal([0], stack.Foreign);
        var mount = Assert.Single(stack.Changes, static c => c is { Name: "mount", Arch: SeccompArch.X86_64 });
        Assert.Equal((SeccompAction.Errno(1), SeccompAction.Allow), (mount.Before, mount.After));
        Assert.DoesNotContain(stack.Changes, static c => c is { Name: "read", Arch: SeccompArch.X86_64 });
    }

    [Fact]
    public void Compare_AProgramThatIsMeantToBeSlow_IsGivenUp()
    {
        // A chain of 600 decisions on arguments, two ways on at each: more ways than there are atoms.
        var chain = Enumerable.Range(0, 600).SelectMany(static i => (SockFilter[])
        [
            new(SockFilter.Load, 0, 0, SeccompData.Low(i % 6)), new(SockFilter.JumpSet, 1, 0, 1u << (i % 32)), new(SockFilter.And, 0, 0, uint.MaxValue),
        ]);
        var slow = new SeccompProgram([.. chain, new SockFilter(SockFilter.Return, 0, 0, SeccompAction.Allow.Value)]);

        Assert.NotNull(FilterStack.Compare(Own, [slow]).Trouble);
        Assert.Throws<InvalidProgramException>(() => SeccompDiff.Compare(Own, slow, 1000));
    }
}
