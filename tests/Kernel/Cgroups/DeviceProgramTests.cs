using CsCheck;

namespace Provision.Kernel.Tests;

public sealed class DeviceProgramTests
{
    private static readonly Gen<uint?> Number = Gen.UInt[0, 3].Select(n => n == 0 ? null : (uint?)(n - 1));

    private static readonly Gen<DeviceRule> Rule =
        Gen.Select(Gen.Bool, Number, Number, Gen.Int[1, 7]).Select(r => new DeviceRule(r.Item1, r.Item2, r.Item3, (DeviceAccess)r.Item4));

    [Fact]
    public void Compile_OneRule_IsThisProgram()
    {
        var program = DeviceProgram.Compile([new DeviceRule(false, 136, null, DeviceAccess.Read | DeviceAccess.Write)]);

        Assert.Equal(
            """
            r2 = *(u32 *)(r1 + 0)
            r2 &= 0xffff
            r3 = *(u32 *)(r1 + 0)
            r3 >>= 16
            r4 = *(u32 *)(r1 + 4)
            r5 = *(u32 *)(r1 + 8)
            if r2 != 2 goto +6
            r1 = r3
            r1 &= 0xfffffff9
            if r1 != 0 goto +3
            if r4 != 136 goto +2
            r0 = 1
            exit
            r0 = 0
            exit
            """, string.Join('\n', program));
    }

    [Fact]
    public void Compile_AnyRules_DecidesAsTheRulesDo() => Rule.Array[0, 5].Sample(rules =>
    {
        var program = DeviceProgram.Compile(rules);
        foreach (var block in new[] { false, true })
            for (var major = 0u; major < 3; major++)
                for (var minor = 0u; minor < 3; minor++)
                    for (var access = 1; access <= 7; access++)
                    {
                        var asked = new DeviceRule(block, major, minor, (DeviceAccess)access);
                        // The kernel asks for one device at a time; rules for the same device add up.
                        var expected = DeviceRule.Normal(rules).Any(r => r.Covers(asked));
                        Assert.Equal(expected, DeviceMachine.Allows(program, block, major, minor, asked.Access));
                    }
    });

    [Fact]
    public void Decompile_OwnProgram_GivesItsRules() => Rule.Array[0, 5].Sample(rules =>
        Assert.Equal(DeviceRule.Normal(rules), DeviceProgram.Decompile(DeviceProgram.Compile(rules))!.Value));

    [Fact]
    public void Decompile_AlteredProgram_IsNotOurs() =>
        Gen.Select(Rule.Array[0, 3], Gen.Int[0, 60], Gen.Byte[1, 255]).Sample((rules, at, flip) =>
        {
            var program = DeviceProgram.Compile(rules);
            at %= program.Length;
            var altered = program.SetItem(at, program[at] with { Registers = (byte)(program[at].Registers ^ flip) });
            Assert.Null(DeviceProgram.Decompile(altered));
        });

    [Theory]
    [InlineData("c 1:3 rwm", "c 1:3 rwm")]
    [InlineData("b *:* m", "b *:* m")]
    [InlineData("c 136:* wr", "c 136:* rw")]
    [InlineData("a *:* rwm", null)]
    [InlineData("c 1:3", null)]
    [InlineData("c 1:3 x", null)]
    [InlineData("c -1:3 r", null)]
    public void ParseRule_LineOfDevicesList_RoundTrips(string line, string? expected) =>
        Assert.Equal(expected, DeviceRule.Parse(line)?.ToString());
}
