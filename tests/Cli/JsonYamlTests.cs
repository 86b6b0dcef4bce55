namespace Provision.Cli.Tests;

public sealed class JsonYamlTests
{
    [Theory]
    [InlineData("""{"a":1,"b":true,"c":null}""", "a: 1\nb: true\nc: null\n")]
    [InlineData("""{"a":[],"b":{}}""", "a: []\nb: {}\n")]
    [InlineData("""{"a":[1,[2,3],{"b":{"c":4},"d":5}]}""", "a:\n  - 1\n  -\n    - 2\n    - 3\n  - b:\n      c: 4\n    d: 5\n")]
    [InlineData("""{"a":["max","no","1","", "x: y","# z","a\nb","a b "]}""", "a:\n  - max\n  - \"no\"\n  - \"1\"\n  - \"\"\n  - \"x: y\"\n  - \"# z\"\n  - \"a\\nb\"\n  - \"a b \"\n")]
    [InlineData("""{"Box/crate":"b (c)","10.0.0.1/24":1}""", "Box/crate: b (c)\n\"10.0.0.1/24\": 1\n")]
    public void Convert_OfJson_IsBlockYaml(string json, string yaml) => Assert.Equal(yaml, JsonYaml.Convert(json));
}
