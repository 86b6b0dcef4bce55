using Provision.Drivers.Tests.Cgroup;
using Provision.Kernel.Seccomp;
using Provision.Kernel.Supervise;
using Provision.Reconciler;
using Provision.Reconciler.Reports;
using Provision.Spec;

namespace Provision.Drivers.Tests.Container;

/// <summary>What a drift report makes of the filters that were read back.</summary>
public sealed class DeepFiltersTests
{
    private const string Field = "security.seccomp", Spec = "command: [/bin/true]";

    private readonly FakeHost _host = new(FakeCgroups.Hybrid());

    private ResourceSet Applied(string spec = Spec, string metadata = "")
    {
        var set = Set(spec, metadata);
        _host.Converge(set);
        return set;
    }

    private static ResourceSet Set(string spec, string metadata = "") => FakeHost.Set(FakeHost.Doc("web-1", $"{{{spec}}}", metadata: metadata));

    private static CheckedFields Checked(DriftReport report) => Assert.Single(report.Checked, static c => c.Fields.Contains(Field));

    [Fact]
    public void OwnFilter_ReadBack_IsCheckedInTheKernel()
    {
        var set = Applied();
        _host.Filters.Add(101, FakeFilters.Own);

        var report = _host.Drift(set, deep: true);

        Assert.False(report.HasDrift);
        Assert.Equal((new Evidence("ptrace", Confidence.Kernel), 1), (Checked(report).Read, Checked(report).Fields.Length));
        Assert.Empty(Checked(report).Notes);
    }

    [Fact]
    public void OwnFilter_NotLookedAtDeeply_IsOnlyCountedAndNobodyIsAsked()
    {
        var set = Applied();

        var report = _host.Drift(set, deep: false);

        Assert.Equal(new Evidence("procfs", Confidence.CountOnly), Checked(report).Read);
        Assert.Empty(_host.Filters.Asked);
    }

    [Fact]
    public void OneMoreFilter_ReadBack_IsForeign()
    {
        var set = Applied();
        _host.Filters.Add(101, FakeFilters.Own);
        _host.Filters.Add(102, FakeFilters.Own, FakeFilters.Program(3));

        var row = Assert.Single(_host.Drift(set, deep: true).Rows);

        Assert.Equal((Field, "process 102", new Evidence("ptrace", Confidence.Kernel)), (row.Path!.ToString(), row.Object, row.Read));
        Assert.Single(((ListValue)row.Expected!).Items);
        Assert.Equal(2, ((ListValue)row.Actual!).Items.Length);
        Assert.StartsWith("foreign filter, 2 of 2: 3 instructions sha256:", Assert.Single(row.Details), StringComparison.Ordinal);
        Assert.EndsWith("loaded after the container's own", row.Details[0], StringComparison.Ordinal);
    }

    [Fact]
    public void NoFilter_ReadBack_IsMissingAndToldOnce()
    {
        var set = Applied();
        _host.Filters.Add(101);

        var row = Assert.Single(_host.Drift(set, deep: true).Rows);

        Assert.Equal("unconfined", row.Actual!.ToString());
        Assert.Equal(["the filter that it was started with is missing"], row.Details.AsEnumerable());
    }

    [Fact]
    public void AnotherFilter_InItsPlace_TellsCallsWithTheirVerdicts()
    {
        var set = Applied();
        _host.Filters.Tasks.Add(new TaskFilters(101, 101, 1, false, 1) { Programs = [new SeccompProgram([new SockFilter(SockFilter.Return, 0, 0, SeccompAction.Errno(1).Value)])] });

        var row = Assert.Single(_host.Drift(set, deep: true).Rows);

        Assert.Contains("amd64 read: ALLOW expected, ERRNO EPERM found", row.Details.AsEnumerable());
        Assert.Matches("^and [0-9]+ more calls$", row.Details[^1]);
    }

    [Fact]
    public void SameFilters_OfManyProcesses_AreOneRow()
    {
        var set = Applied();
        for (var pid = 101; pid < 121; pid++)
            _host.Filters.Add(pid, FakeFilters.Own, FakeFilters.Program(2));

        Assert.Equal("processes 101, 102, 103, 104, 105, 106, 107, 108 and 12 more", Assert.Single(_host.Drift(set, deep: true).Rows).Object);
    }

    [Fact]
    public void Thread_WithFiltersOfItsOwn_IsNamed()
    {
        var set = Applied();
        _host.Filters.Add(101, FakeFilters.Own);
        _host.Filters.Tasks.Add(new TaskFilters(101, 107, 1, false, 2) { Programs = [FakeFilters.Own, FakeFilters.Program(2)] });

        Assert.Equal("process 101 thread 107", Assert.Single(_host.Drift(set, deep: true).Rows).Object);
    }

    [Fact]
    public void StrictMode_IsADifference()
    {
        var set = Applied(Spec + ", security: {seccomp: unconfined}");
        _host.Filters.Tasks.Add(new TaskFilters(101, 101, 1, true, 0) { Programs = [] });

        Assert.Contains("strict mode", Assert.Single(Assert.Single(_host.Drift(set, deep: true).Rows).Details), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(0, 1)]
    public void WhatIsOnlyCounted_SaysWhyAndIsComparedByNumber(int count, int rows)
    {
        var set = Applied();
        _host.Filters.Tasks.Add(new TaskFilters(101, 101, 1, false, count) { Why = "it is traced by process 7" });

        var report = _host.Drift(set, deep: true);

        Assert.Equal(rows, report.Rows.Length);
        Assert.All(report.Rows, static r => Assert.Equal(new Evidence("procfs", Confidence.CountOnly), r.Read));
        Assert.Equal(new Evidence("procfs", Confidence.CountOnly), Checked(report).Read);
        Assert.Equal(["process 101: only counted: it is traced by process 7"], Checked(report).Notes.AsEnumerable());
        Assert.DoesNotContain(report.Unchecked, static u => u.Path == Field);
    }

    [Fact]
    public void WhatWasLeftOut_IsNoted()
    {
        var set = Applied();
        _host.Filters.Add(101, FakeFilters.Own);
        _host.Filters.Note = "3 of 4 processes were not looked at";

        Assert.Equal(["3 of 4 processes were not looked at"], Checked(_host.Drift(set, deep: true)).Notes.AsEnumerable());
    }

    [Fact]
    public void Unconfined_WithoutFilters_IsNoDriftAndWithOneItIs()
    {
        var set = Applied(Spec + ", security: {seccomp: unconfined}");
        _host.Filters.Add(101);
        Assert.False(_host.Drift(set, deep: true).HasDrift);

        _host.Filters.Add(102, FakeFilters.Own);

        Assert.Equal("unconfined", Assert.Single(_host.Drift(set, deep: true).Rows).Expected!.ToString());
    }

    [Fact]
    public void ManifestThatMoved_IsPendingAndNoDrift()
    {
        Applied();
        _host.Filters.Add(101, FakeFilters.Own);

        var report = _host.Drift(Set(Spec + ", security: {seccomp: unconfined}"), deep: true);

        Assert.False(report.HasDrift);
        Assert.Equal(Field, Assert.Single(report.Pending).Path);
    }

    [Fact]
    public void IgnoredField_IsNotLookedAt()
    {
        var set = Applied(metadata: ", ignoreFields: [security.seccomp]");
        _host.Filters.Add(101, FakeFilters.Own, FakeFilters.Program(2));

        var report = _host.Drift(set, deep: true);

        Assert.False(report.HasDrift);
        Assert.Equal(Field, Assert.Single(report.Exempt).Path);
        Assert.Empty(_host.Filters.Asked);
        Assert.Contains(report.Checked, static c => c.Fields.Contains("security.noNewPrivileges"));
    }

    [Fact]
    public void ContainerThatEnded_IsNotLookedAt()
    {
        var set = Applied(Spec + ", restart: {policy: Never}");
        _host.Containers["web-1"].End(RunState.Exited, 0);

        var report = _host.Drift(set, deep: true);

        Assert.Empty(_host.Filters.Asked);
        Assert.Equal(Confidence.Recorded, Assert.Single(report.Checked, static c => c.Fields.Contains("running")).Read.Confidence);
    }

    [Fact]
    public void Report_AsJson_HasDetailsNotesAndConfidence()
    {
        var set = Applied();
        _host.Filters.Add(101, FakeFilters.Own, FakeFilters.Program(2));
        _host.Filters.Note = "left out";

        var json = DriftJson.Write(_host.Drift(set, deep: true), new RunFacts("host", "boot", "6.1", "provision", DateTimeOffset.UnixEpoch), new ManifestFacts("digest", null));

        Assert.Contains("\"method\": \"ptrace\",\n      \"confidence\": \"kernel\",\n      \"details\": [", json, StringComparison.Ordinal);
        Assert.Contains("\"notes\": [\n        \"left out\"", json, StringComparison.Ordinal);
        Assert.Contains("\"confidence\": \"recorded\"", json, StringComparison.Ordinal);
    }
}
