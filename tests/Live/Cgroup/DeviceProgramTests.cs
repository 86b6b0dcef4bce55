using System.Collections.Immutable;
using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Testing;

/// <summary>Device programs on a cgroup of the v2 hierarchy, which hosts of both versions have.</summary>
public sealed class DeviceProgramTests : IDisposable
{
    private readonly OwnInstance _instance = new();
    private readonly CgroupLayout _layout = CgroupLayout.Discover();
    private readonly CgroupExecutor _executor;
    private readonly CgroupReader _reader;

    public DeviceProgramTests()
    {
        _executor = new CgroupExecutor(_layout);
        _reader = new CgroupReader(_layout);
        Do(new CgroupCreate(Root, [_layout.Unified!.Name]));
    }

    private static DeviceRule[] Null { get; } = [new(false, 1, 3, DeviceAccess.All)];

    private string Root => _instance.CgroupRoot;

    private string Directory => _instance.Unified().TrimEnd('/');

    public void Dispose()
    {
        _executor.Dispose();
        _reader.Dispose();
        _instance.Dispose();
    }

    [RootFact]
    public void Devices_SetAgain_AreReadBackAndReplacedNotAdded()
    {
        DeviceRule[] first = [new(false, 1, 3, DeviceAccess.All), new(false, 136, null, DeviceAccess.Read | DeviceAccess.Write), new(true, null, null, DeviceAccess.Mknod)];
        DeviceRule[] second = [new(false, null, null, DeviceAccess.All), new(true, null, null, DeviceAccess.All), new(false, 1, 5, DeviceAccess.Read)];

        Do(new CgroupDevices(Root, [.. DeviceRule.Normal(first)]));
        Assert.Equal(DeviceRule.Normal(first), Program().Allow!.Value);
        var before = Program().Id;
        Do(new CgroupDevices(Root, [.. DeviceRule.Normal(second)]));
        Assert.Equal(DeviceRule.Normal(second), Program().Allow!.Value);
        Assert.NotEqual(before, Program().Id);
        var seen = Assert.Single(BpfWitness.Programs(Directory));
        Assert.Equal((Program().Id, Program().Tag, BpfDevices.ProgramName), (seen.Id, seen.Tag, seen.Name));
        Do(new CgroupDevices(Root, ImmutableArray<DeviceRule>.Empty));
        Assert.Empty(Program().Allow!.Value);
        Do(new CgroupDevices(Root, null));
        Assert.Empty(_reader.DevicePrograms(_layout.Unified!, Root));
    }

    [RootFact]
    public void Devices_DenyingAll_StopsAProcessInTheCgroup()
    {
        Do(new CgroupDevices(Root, [new DeviceRule(false, 1, 5, DeviceAccess.Read)]));

        // The shell joins and opens: zero is allowed, null is not.
        var result = Command.Run("sh", ["-c", $"echo $$ > {_instance.Unified("cgroup.procs")}; head -c 1 /dev/zero | wc -c; cat /dev/null"]);

        Assert.Equal("1", result.Out.Trim());
        Assert.Contains("/dev/null", result.Err);
    }

    [RootFact]
    public void Devices_SetManyTimes_AreOneProgramWithTheTagOfItsContent()
    {
        string Tag()
        {
            Do(new CgroupDevices(Root, [.. Null]));
            return Assert.Single(BpfWitness.Programs(Directory)).Tag;
        }

        var tag = Tag();
        for (var i = 0; i < 5; i++)
        {
            Do(new CgroupDevices(Root, []));
            Assert.NotEqual(tag, Assert.Single(BpfWitness.Programs(Directory)).Tag);
            Assert.Equal(tag, Tag());
        }
    }

    [RootTheory]
    [InlineData(BpfWitness.Alone)]
    [InlineData(BpfWitness.AllowOverride)]
    [InlineData(BpfWitness.AllowMulti)]
    public void Devices_WhereAStrangersProgramIs_TakeItsPlace(int flags)
    {
        BpfWitness.Attach(Directory, flags);
        Assert.Null(Program().Allow);

        Do(new CgroupDevices(Root, [.. Null]));

        Assert.Equal(Null, Program().Allow!.Value);
        Assert.Equal(BpfDevices.ProgramName, Assert.Single(BpfWitness.Programs(Directory)).Name);
    }

    [RootFact]
    public void Devices_WhereSeveralStrangersAre_TakeThePlaceOfAll()
    {
        BpfWitness.Attach(Directory, BpfWitness.AllowMulti);
        BpfWitness.Attach(Directory, BpfWitness.AllowMulti);
        Do(new CgroupDevices(Root, [.. Null]));
        Assert.Equal(Null, Program().Allow!.Value);

        BpfWitness.Attach(Directory, BpfWitness.AllowMulti);
        Do(new CgroupDevices(Root, null));
        Assert.Empty(BpfWitness.Programs(Directory));
    }

    [RootFact]
    public void Devices_BelowAProgramThatIsAlone_AreRefusedWithTheReason()
    {
        BpfWitness.Attach(Directory, BpfWitness.Alone);
        Do(new CgroupCreate($"{Root}/web.cg", [_layout.Unified!.Name]));

        var error = Assert.Single(_executor.Execute([new CgroupDevices($"{Root}/web.cg", [.. Null])], default))!;

        Assert.Equal((Errno.EPERM, $"{Directory}/web.cg"), (error.Errno, error.Object));
        Assert.Contains("BPF_F_ALLOW_MULTI", error.Detail);
        Assert.Empty(BpfWitness.Programs($"{Directory}/web.cg"));
    }

    private DeviceProgramInfo Program() => Assert.Single(_reader.DevicePrograms(_layout.Unified!, Root));

    private void Do(Operation operation) => Assert.Null(Assert.Single(_executor.Execute([operation], default)));
}
