using Provision.Kernel;
using Provision.Reconciler.Tests.Fakes;

namespace Provision.Cli.Tests;

public sealed class ChangingTests
{
    [Theory]
    [InlineData("apply -f @ -y")]
    [InlineData("apply @")]
    [InlineData("destroy -y")]
    [InlineData("agent -f @")]
    public void ChangingCommands_WithoutRoot_SaySoBeforeAnything(string arguments)
    {
        using var bench = new Bench { IsRoot = false };
        var path = bench.Write("a.yaml", Texts.Crate);

        var (code, _, error) = bench.Run([.. arguments.Split(' ').Select(a => a.Replace("@", path, StringComparison.Ordinal))]);

        Assert.Equal(1, code);
        Assert.Contains("needs root", error, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFileSystemEntries(bench.Root));
    }

    [Fact]
    public void Apply_WhileAnotherHoldsTheLock_NamesTheHolder()
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        Directory.CreateDirectory(Path.Combine(bench.Root, "run", "default"));
        using var held = InstanceLock.Acquire(Path.Combine(bench.Root, "run", "default", "lock"), TimeSpan.Zero, "another apply", TimeProvider.System);

        var (code, _, error) = bench.Run("apply", "-f", path, "-y", "--lock-timeout", "0");

        Assert.Equal(1, code);
        Assert.Contains($"pid {Environment.ProcessId} (another apply)", error, StringComparison.Ordinal);
        Assert.Empty(bench.Shelf.Boxes);
    }

    [Fact]
    public void Apply_InterruptedWhileItWaitsForTheLock_ChangesNothing()
    {
        using var bench = new Bench { Interrupts = static () => Cancelled() };
        var path = bench.Write("a.yaml", Texts.Crate);
        Directory.CreateDirectory(Path.Combine(bench.Root, "run", "default"));
        using var held = InstanceLock.Acquire(Path.Combine(bench.Root, "run", "default", "lock"), TimeSpan.Zero, "another apply", TimeProvider.System);

        var (code, _, error) = bench.Run("apply", "-f", path, "-y");

        Assert.Equal(5, code);
        Assert.Contains("interrupted", error, StringComparison.Ordinal);
        Assert.Empty(bench.Shelf.Boxes);
    }

    [Fact]
    public void Apply_WhenTheKernelMovesBeforeTheAnswer_ShowsThePlanAgain()
    {
        using var bench = new Bench { Typed = "yes\nyes\n" };
        var path = bench.Write("a.yaml", Texts.Crate.Replace("\"3\"", "\"3\", tags: [a]"));
        bench.Run("apply", "-f", path, "-y");
        bench.Shelf.Boxes["crate"] = bench.Shelf.Boxes["crate"] with { State = Boxes.Stated("7") };
        // Between the answer and the look under the lock.
        bench.Interrupts = () =>
        {
            bench.Shelf.Boxes["crate"] = bench.Shelf.Boxes["crate"] with { State = Boxes.Stated("8") };
            return new Interrupt();
        };

        var (code, data, error) = bench.Run("apply", "-f", path);

        Assert.Equal(0, code);
        Assert.Contains("7 → 3", data, StringComparison.Ordinal);
        Assert.Contains("8 → 3", data, StringComparison.Ordinal);
        Assert.Contains("The kernel moved meanwhile", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_ApprovedWithAnotherWriterBetween_LooksAgainUnderTheLock()
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        bench.Run("apply", "-f", path, "-y");
        bench.Shelf.Boxes["crate"] = bench.Shelf.Boxes["crate"] with { State = Boxes.Stated("7") };
        // Between the look and the lock.
        bench.Interrupts = () =>
        {
            using var other = InstanceLock.Acquire(Path.Combine(bench.Root, "run", "default", "lock"), TimeSpan.Zero, "provision apply", TimeProvider.System);
            bench.Shelf.Boxes["crate"] = bench.Shelf.Boxes["crate"] with { State = Boxes.Stated("8") };
            return new Interrupt();
        };

        var (code, data, error) = bench.Run("apply", "-f", path, "-y");

        Assert.True(code == 0, error);
        Assert.Contains("8 → 3", data, StringComparison.Ordinal);
        Assert.DoesNotContain("7 → 3", data, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_ThatAsksAgain_HoldsNeitherLockNorSignalsMeanwhile()
    {
        using var bench = new Bench { Typed = "yes\n" };
        var path = bench.Write("a.yaml", Texts.Crate);
        bench.Run("apply", "-f", path, "-y");
        bench.Shelf.Boxes["crate"] = bench.Shelf.Boxes["crate"] with { State = Boxes.Stated("7") };
        var made = new List<Interrupt>();
        // Comes after each answer, before the lock is taken for it.
        bench.Interrupts = () =>
        {
            if (made.Count == 1)
            {
                using var free = InstanceLock.Acquire(Path.Combine(bench.Root, "run", "default", "lock"), TimeSpan.Zero, "a test", TimeProvider.System);
                Assert.Throws<ObjectDisposedException>(() => made[0].Token);
            }

            bench.Shelf.Boxes["crate"] = bench.Shelf.Boxes["crate"] with { State = Boxes.Stated("8") };
            made.Add(new Interrupt());
            return made[^1];
        };

        var (code, _, error) = bench.Run("apply", "-f", path);

        Assert.True(code == 0, error);
        Assert.Equal(2, made.Count);
    }

    [Fact]
    public void Plan_HostThatLacksALayer_IsSix()
    {
        using var bench = new Bench();
        bench.Shelf.OnlySquare = true;
        var path = bench.Write("a.yaml", Texts.Crate.Replace("size: \"3\"", "shape: round"));

        Assert.Equal(6, bench.Run("plan", "-f", path).Code);
        Assert.Equal(6, bench.Run("apply", "-f", path, "-y").Code);
        Assert.Equal(6, bench.Run("drift", "-f", path).Code);
        Assert.Empty(bench.Shelf.Boxes);
    }

    [Fact]
    public void Apply_KernelThatCannotBeReadAfterARemoval_IsSix()
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        bench.Run("apply", "-f", path, "-y");
        bench.Shelf.After = () => bench.Shelf.Unreadable = new Reconciler.KernelError("read", "shelf", null, 5);

        var (code, _, error) = bench.Run("destroy", "-y");

        Assert.Equal(6, code);
        Assert.Contains("not verified", error, StringComparison.Ordinal);
        Assert.Contains("EIO", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_UndoThatFails_SaysWhatCouldNotBeTakenBack()
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        bench.Run("apply", "-f", path, "-y");
        bench.Write("a.yaml", Texts.Crate.Replace("\"3\"", "\"5\", tags: [a]"));
        bench.Shelf.Faults["set crate tags [a]"] = (22, 1);
        bench.Shelf.Faults["set crate size 3"] = (1, 99);

        var (code, _, error) = bench.Run("apply", "-f", path, "-y");

        Assert.Equal(4, code);
        Assert.Contains("not all of it could be taken back", error, StringComparison.Ordinal);
        Assert.DoesNotContain("left:", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Record_Deleted_ChangesLabelsOnly()
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        bench.Run("apply", "-f", path, "-y");
        bench.Shelf.Boxes.Clear();
        var before = bench.Run("plan", "-f", path, "-o", "json");
        Assert.Equal(2, bench.Run("drift", "-f", path).Code);

        Directory.Delete(Path.Combine(bench.Root, "state"), recursive: true);

        var after = bench.Run("plan", "-f", path, "-o", "json");
        Assert.Equal(before with { Out = before.Out.Replace("\"drift\"", "\"pending\"") }, after);
        Assert.Equal(0, bench.Run("drift", "-f", path).Code);
    }

    [Fact]
    public void Record_ThatCannotBeWritten_IsAWarning()
    {
        using var bench = new Bench();
        bench.Write("state", "a file where the directory should be");

        var (code, _, error) = bench.Run("apply", "-f", bench.Write("a.yaml", Texts.Crate), "-y");

        Assert.Equal(0, code);
        Assert.Contains("warning: what was applied could not be noted", error, StringComparison.Ordinal);
        Assert.Equal(0, bench.Run("destroy", "-y").Code);
    }

    [Fact]
    public void Destroy_Always_LeavesNoFileButTheLock()
    {
        using var bench = new Bench();
        var path = bench.Write("a.yaml", Texts.Crate);
        bench.Run("apply", "-f", path, "-y");

        Assert.Equal(0, bench.Run("destroy", "-y").Code);

        Assert.Equal(
            [path, Path.Combine(bench.Root, "run", "default", "lock")],
            Directory.GetFiles(bench.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal));
    }

    private static Interrupt Cancelled()
    {
        var interrupt = new Interrupt();
        interrupt.Cancel();
        return interrupt;
    }
}
