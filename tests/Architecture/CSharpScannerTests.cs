namespace Provision.Architecture;

public sealed class CSharpScannerTests
{
    [Theory]
    [InlineData("a; // Bad\nb;", "a;       \nb;")]
    [InlineData("a; /* Bad\n */ b;", "a;       \n    b;")]
    [InlineData("""f("Bad", 'B');""", """f("   ",    );""")]
    [InlineData("""f("\"Bad");""", """f("     ");""")]
    [InlineData("""f(@"\", Good);""", """f(@" ", Good);""")]
    [InlineData("""f(@"a""Bad");""", """f(@"      ");""")]
    [InlineData("""f('"', Good, '\'');""", """f(   , Good,     );""")]
    [InlineData("f($\"Bad {Good} {{Bad}}\");", "f($\"    {Good}        \");")]
    [InlineData("f($\"{Good(\"Bad\")}\");", "f($\"{Good(\"   \")}\");")]
    [InlineData("f($$\"\"\"Bad {Bad} {{Good}}\"\"\");", "f($$\"\"\"          {{Good}}\"\"\");")]
    [InlineData("f(\"\"\"Bad \"Bad\" \"\"\");", "f(\"\"\"          \"\"\");")]
    public void Strip_TextAndComments_LeavesCodeAndHoles(string text, string code) =>
        Assert.Equal(code, CSharpScanner.Strip(text, keepStrings: false));

    [Fact]
    public void Strip_KeepingStrings_DropsCommentsOnly() =>
        Assert.Equal("""f("http://a");       """, CSharpScanner.Strip("""f("http://a"); // Bad""", keepStrings: true));

    [Fact]
    public void Strip_EverySource_KeepsTheLines()
    {
        foreach (var source in Repository.Sources)
        {
            var lines = Repository.Text(source.Path).Count('\n');
            Assert.Equal((source.Path, lines, lines), (source.Path, source.Code.Count('\n'), source.Strings.Count('\n')));
        }
    }
}
