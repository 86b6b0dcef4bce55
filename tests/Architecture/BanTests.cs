namespace Provision.Architecture;

public sealed class BanTests
{
    public static TheoryData<string> Names => [.. Bans.All.Select(static b => b.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Sources_OfTheProgram_KeepTheBan(string name) =>
        Assert.Empty(Repository.Sources.SelectMany(Find(name).Violations));

    [Theory]
    [MemberData(nameof(Names))]
    public void Violations_OfTheBannedCode_AreTold(string name)
    {
        var ban = Find(name);

        Assert.NotEmpty(ban.Violations(SourceFile.Parse($"{ban.Scope[0]}/Deep/A.cs", ban.Violation)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Violations_OfTheBannedCodeInAComment_AreNone(string name)
    {
        var ban = Find(name);

        Assert.Empty(ban.Violations(SourceFile.Parse($"{ban.Scope[0]}/Deep/A.cs", $"/* {ban.Violation} */")));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Violations_WhereItIsAllowed_AreNone(string name)
    {
        var ban = Find(name);

        Assert.All(ban.Except, folder => Assert.Empty(ban.Violations(SourceFile.Parse($"{folder}/A.cs", ban.Violation))));
    }

    [Theory]
    [InlineData("console", "AnsiConsole.WriteLine(a); using Spectre.Console;")]
    [InlineData("starting processes", "Process.GetCurrentProcess();")]
    [InlineData("files written outside the kernel layer", "File.ReadAllText(a); File.OpenRead(a);")]
    [InlineData("reflection", "a.GetType() == b.GetType(); typeof(A).Name;")]
    [InlineData("operations outside the kernel layer", "record A(Operation Step) : Result; class B<T> : List<Operation>; bool C(Operation o) => o is null;")]
    [InlineData("operations outside the kernel layer", "class A(KernelError e) : Exception { Operation? B; }")]
    [InlineData("operations outside the kernel layer", "class A<T> : Base(1, Operation), IList<T> where T : Operation;")]
    public void Violations_OfCodeThatOnlyLooksAlike_AreNone(string name, string code) =>
        Assert.Empty(Find(name).Violations(SourceFile.Parse("src/Reconciler/A.cs", code)));

    [Theory]
    [InlineData("record Wipe(string Path, (int, int) B) : Other<A, B>, Operation;")]
    [InlineData("sealed class Runner<T>(int a) : IDisposable, Provision.Reconciler.IOperationExecutor {")]
    [InlineData("record Wipe : LinkOperation {")]
    public void Violations_OfAnOperationOutsideTheKernelLayer_AreTold(string code) =>
        Assert.Single(Find("operations outside the kernel layer").Violations(SourceFile.Parse("src/Drivers/Bridge/A.cs", code)));

    private static Ban Find(string name) => Bans.All.Single(b => b.Name == name);
}
