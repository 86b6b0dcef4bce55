using Provision.Drivers.Cgroup;
using Provision.Kernel;
using Provision.Reconciler;
using Provision.Spec;

namespace Provision.Drivers.Tests.Cgroup;

/// <summary>What this host, or its kernel, cannot do is told before the first write.</summary>
public sealed class HostLimitsTests
{
    [Theory]
    [InlineData("{cpu: {max: 2}}", "{parent: top, cpu: {max: 3}}", true)]
    [InlineData("{cpu: {max: 0.5, period: 1s}}", "{parent: top, cpu: {max: 0.6, period: 10ms}}", true)]
    [InlineData("{cpu: {max: 2}}", "{parent: top, cpu: {max: 2, period: 10ms}}", false)]
    [InlineData("{}", "{parent: top, cpu: {max: 3}}", false)]
    public void Plan_MoreCpuThanAboveOnV1_IsRefused(string top, string below, bool refused) =>
        Refused(FakeCgroups.Hybrid(), CgroupCodes.BeyondParent, refused, FakeHost.Doc("top", top), FakeHost.Doc("web", below));

    [Theory]
    [InlineData("/dev/vda1", true)]
    [InlineData("/dev/vda", false)]
    public void Plan_LimitOnAPartition_IsRefused(string device, bool refused)
    {
        foreach (var kernel in new[] { FakeCgroups.Hybrid(), FakeCgroups.V2() })
            Refused(kernel, CgroupCodes.NoDevice, refused, FakeHost.Doc("web", $"{{io: {{max: [{{device: {device}, readBps: 1M}}]}}}}"));
    }

    [Theory]
    [InlineData("readBps: 1", true)]
    [InlineData("writeIops: 1", true)]
    [InlineData("readBps: 2, writeBps: 2, readIops: 2, writeIops: 2", false)]
    public void Plan_IoLimitOfOneOnV2_IsRefused(string limits, bool refused)
    {
        var document = FakeHost.Doc("web", $"{{io: {{max: [{{device: /dev/vda, {limits}}}]}}}}");
        Refused(FakeCgroups.V2(), CgroupCodes.OutOfRange, refused, document);
        Refused(FakeCgroups.Hybrid(), CgroupCodes.OutOfRange, false, document);
    }

    [Theory]
    [InlineData("9:9", true)]
    [InlineData("254:0", false)]
    public void Plan_LimitOnNumbersOfNoDisk_IsRefused(string device, bool refused)
    {
        foreach (var kernel in new[] { FakeCgroups.Hybrid(), FakeCgroups.V2() })
            Refused(kernel, CgroupCodes.NoDevice, refused, FakeHost.Doc("web", $"{{io: {{max: [{{device: \"{device}\", readBps: 1M}}]}}}}"));
    }

    [Theory]
    [InlineData("cpus: 2-5", true)]
    [InlineData("mems: 1", true)]
    [InlineData("cpus: 0-3, mems: 0", false)]
    public void Plan_CpusThatAreNotOnlineOnV2_AreRefused(string set, bool refused) =>
        Refused(FakeCgroups.V2(), CgroupCodes.NoSuchCpu, refused, FakeHost.Doc("web", $"{{cpuset: {{{set}}}}}"));

    [Theory]
    [InlineData("memory: {min: 4095}")]
    [InlineData("memory: {max: 9223372036854771712}")]
    [InlineData("hugetlb: [{size: 2Mi, max: max}]")]
    [InlineData("io: {max: [{device: /dev/vda, readBps: max}]}")]
    public void Apply_WhatIsRoundedToTheDefault_NeedsNoController(string stated)
    {
        var host = new FakeHost(FakeCgroups.V2());
        host.Converge(FakeHost.Set(FakeHost.Doc("web", $"{{{stated}}}"), FakeHost.Doc("other", "{pids: {max: 5}}")));
        Assert.Equal("pids\n", host.Kernel.Read(host.Kernel.Layout.Unified!, "provision", "cgroup.subtree_control"));

        // A change of another looks for what is needed no more.
        host.Converge(FakeHost.Set(FakeHost.Doc("web", $"{{{stated}}}"), FakeHost.Doc("other", "{}")));
    }

    [Fact]
    public void Apply_FieldLeftToOthers_NeedsNoController()
    {
        var host = new FakeHost(FakeCgroups.V2());

        host.Converge(FakeHost.Set(FakeHost.Doc("web", "{memory: {max: 1Gi}}", ", ignoreFields: [memory.max]")));

        Assert.Equal("\n", host.Kernel.Read(host.Kernel.Layout.Unified!, "", "cgroup.subtree_control"));
    }

    [Fact]
    public void Apply_EmptyLists_NeedNoController()
    {
        var host = new FakeHost(FakeCgroups.V2());

        host.Converge(FakeHost.Set(FakeHost.Doc("web", "{io: {max: []}, hugetlb: [], devices: {allow: []}}")));

        Assert.Equal("\n", host.Kernel.Read(host.Kernel.Layout.Unified!, "", "cgroup.subtree_control"));
    }

    [Fact]
    public void Plan_SpecLargerThanAMark_IsRefused()
    {
        var devices = string.Join(", ", Enumerable.Range(1, 2000).Select(static i => $"{{type: char, major: {i}, minor: \"*\"}}"));
        Refused(FakeCgroups.Hybrid(), CgroupCodes.OutOfRange, true, FakeHost.Doc("web", $"{{devices: {{default: deny, allow: [{devices}]}}}}"));
    }

    [Theory]
    [InlineData(70, true)]
    [InlineData(50, false)]
    public void Parse_NestedTooDeep_IsRefused(int depth, bool refused)
    {
        var name = new string('n', 60);
        var documents = Enumerable.Range(0, depth).Select(i => FakeHost.Doc($"{name}{i}", i == 0 ? "{}" : $"{{parent: {name}{i - 1}}}"));

        var result = FakeHost.Read(string.Join("---\n", documents));

        Assert.Equal(refused, result.Diagnostics.Items.Any(static d => d.Code == CgroupCodes.PathTooLong));
    }

    [Theory]
    [InlineData("cpu.idle", "cpu: {idle: true}")]
    [InlineData("memory.oom.group", "memory: {oomGroup: true}")]
    [InlineData("cpuset.cpus.partition", "cpuset: {cpus: 0, partition: root}")]
    public void Plan_FileThatNobodysCgroupHas_IsRefusedBeforeThereIsOne(string file, string stated)
    {
        var kernel = FakeCgroups.V2();
        kernel.Make("unified", "somebody");
        Assert.Null(Assert.Single(kernel.Execute([new CgroupEnable("", ["cpu", "cpuset", "memory"])], default)));
        kernel.Lack("unified", "somebody", file);

        Refused(kernel, CgroupCodes.NoFile, true, FakeHost.Doc("web", $"{{{stated}}}"));
        Refused(kernel, CgroupCodes.NoFile, false, FakeHost.Doc("web", "{memory: {max: 1Gi}}"));
    }

    [Theory]
    [InlineData("cpu.idle", "cpu: {idle: true}")]
    [InlineData("cpu.max.burst", "cpu: {max: 1, burst: 1ms}")]
    [InlineData("memory.oom.group", "memory: {oomGroup: true}")]
    [InlineData("memory.swap.max", "memory: {max: 1Gi, swapMax: 0}")]
    [InlineData("cpuset.cpus.partition", "cpuset: {cpus: 0, partition: root}")]
    public void Plan_FileThatThisKernelLacks_IsNoDifferenceAndRefusedWhenStated(string file, string stated)
    {
        var host = new FakeHost(FakeCgroups.V2());
        var plain = FakeHost.Set(FakeHost.Doc("web", "{cpu: {weight: 5}, memory: {max: 1Gi}, cpuset: {cpus: 0}}"));
        host.Converge(plain);
        host.Kernel.Lack("unified", "provision/web.cg", file);

        Assert.True(host.Plan(plain).Plan.IsEmpty);
        Assert.Contains(host.Look(plain), o => o.Unreadable.Values.Any(why => why.EndsWith(file, StringComparison.Ordinal)));
        var asked = host.Plan(FakeHost.Set(FakeHost.Doc("web", $"{{{stated}}}")));
        Assert.Contains(asked.Diagnostics, d => d.Code == CgroupCodes.NoFile && d.Message.Contains(file, StringComparison.Ordinal));
    }

    [Fact]
    public void Look_DevicesAllowedOnV1_SaysThatExceptionsAreNotSeen()
    {
        var host = new FakeHost(FakeCgroups.Hybrid());
        var set = FakeHost.Set(FakeHost.Doc("web", "{}"), FakeHost.Doc("shut", "{devices: {default: deny}}"));
        host.Converge(set);

        Assert.Equal(["web"], host.Look(set).Where(static o => o.Unreadable.ContainsKey(DevicesV1.Exceptions)).Select(static o => o.Id.Name));
        host.Converge(FakeHost.Set(FakeHost.Doc("web", "{devices: {default: deny, allow: [{path: /dev/null}]}}"), FakeHost.Doc("shut", "{}")));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Destroy_ControllersOfTheRoot_GoOnlyWhenNobodyElseIsThere(bool others)
    {
        var host = new FakeHost(FakeCgroups.V2());
        host.Converge(FakeHost.Set(FakeHost.Doc("web", "{memory: {max: 1Gi}}")));
        if (others)
            host.Kernel.Make("unified", "theirs");

        Assert.Equal(ApplyOutcome.Done, host.Destroy().Outcome);

        var unified = host.Kernel.Layout.Unified!;
        Assert.Equal(others ? "memory\n" : "\n", host.Kernel.Read(unified, "", "cgroup.subtree_control"));
    }

    [Fact]
    public void Apply_FailingBelowAnAdoptedParent_TakesItsControllersBack()
    {
        var host = new FakeHost(FakeCgroups.V2());
        host.Converge(FakeHost.Set(FakeHost.Doc("shop", "{}")));
        var before = host.Kernel.Dump();
        var plan = host.Plan(FakeHost.Set(FakeHost.Doc("shop", "{}"), FakeHost.Doc("web", "{parent: shop, memory: {max: 1Gi}}")));
        host.Kernel.FailAt = "write memory.max 1073741824";

        Assert.Equal(ApplyOutcome.RolledBack, host.Apply(plan).Outcome);

        static string Control(string dump) => string.Join('\n', dump.Split('\n').Where(static l => l.Contains("subtree_control", StringComparison.Ordinal)));
        Assert.Equal(Control(before), Control(host.Kernel.Dump()));
    }

    [Fact]
    public void Irreversible_DeviceProgramThatReplacesAForeignOne()
    {
        Assert.True(new CgroupDevices("p", null, ReplacesForeign: true).Irreversible);
        Assert.False(new CgroupDevices("p", null).Irreversible);
    }

    private static void Refused(FakeCgroups kernel, string code, bool refused, params string[] documents)
    {
        var plan = new FakeHost(kernel).Plan(FakeHost.Set(documents));

        Assert.Equal(refused, plan.Diagnostics.Any(d => d.Code == code && d.Severity == Severity.Error));
        Assert.True(refused || !plan.HasErrors, string.Join('\n', plan.Diagnostics.Select(static d => d.Message)));
    }
}
