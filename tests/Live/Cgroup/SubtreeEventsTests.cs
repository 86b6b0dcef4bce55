using System.Threading.Channels;
using Provision.Kernel;
using Provision.Reconciler;

namespace Provision.Testing;

/// <summary>What a stranger does to cgroup.subtree_control makes and removes files below, of which inotify says nothing.</summary>
public sealed class SubtreeEventsTests
{
    [RootFact]
    public async Task Run_ControllersChangedAbove_NamesTheCgroupsBelow()
    {
        var patience = TimeSpan.FromMinutes(2);
        using var instance = new OwnInstance();
        Directory.CreateDirectory(instance.Unified("shop.cg/web.cg"));
        string[] followed = [$"{instance.CgroupRoot}/shop.cg", $"{instance.CgroupRoot}/shop.cg/web.cg"];
        using var events = new CgroupEvents(CgroupLayout.Discover());
        using var stop = new CancellationTokenSource();
        var channel = Channel.CreateUnbounded<KernelEvent>();
        events.Follow(followed);
        var running = events.Run(channel.Writer, stop.Token);

        // Every path that is newly followed is told of once.
        await Told(followed[0], followed[1], instance.CgroupRoot);
        File.WriteAllText(instance.Unified("shop.cg/cgroup.subtree_control"), "-hugetlb");
        await Told(followed[1]);
        File.WriteAllText(instance.Unified("cgroup.subtree_control"), "-hugetlb");
        await Told(followed);

        await stop.CancelAsync();
        await running.WaitAsync(patience);

        async Task Told(params string[] expected)
        {
            var missing = expected.ToHashSet();
            while (missing.Count > 0)
            {
                var told = (await channel.Reader.ReadAsync().AsTask().WaitAsync(patience)).Object;
                Assert.True(missing.Remove(told), told);
            }
        }
    }
}
