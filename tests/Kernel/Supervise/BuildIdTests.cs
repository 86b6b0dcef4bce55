namespace Provision.Kernel.Supervise;

/// <summary>The linker's digest, from programs of this machine and from bytes that are none.</summary>
public sealed class BuildIdTests
{
    [Fact]
    public void Parse_OfWhatIsNoProgram_IsNothing()
    {
        Assert.Null(BuildId.Parse([]));
        Assert.Null(BuildId.Parse("#!/bin/sh\n"u8));
        Assert.Null(BuildId.Parse(new byte[4096]));
    }

    [Fact]
    public void Parse_OfAProgramWithANote_IsItsDigest() => Assert.Equal("0102030405060708", BuildId.Parse(Program()));

    [Fact]
    public void Parse_OfEveryProgramCutShort_NeverThrows()
    {
        var program = Program();
        for (var length = 0; length < program.Length; length++)
            Assert.Null(BuildId.Parse(program.AsSpan(0, length)));
    }

    [Fact]
    public void Parse_OfBrokenLengths_NeverThrows()
    {
        var random = new Random(1);
        for (var i = 0; i < 100_000; i++)
        {
            var program = Program();
            for (var j = 0; j < 4; j++)
                program[random.Next(6, program.Length)] = (byte)random.Next(256);
            BuildId.Parse(program);
        }
    }

    // A header, one program header, one note of another kind and one of this.
    private static byte[] Program()
    {
        var file = new byte[64 + 56 + 16 + 16 + 8];
        "\u007fELF\u0002\u0001"u8.CopyTo(file);
        file[32] = 64;
        file[56] = 1;
        file[64] = 4;
        file[64 + 8] = 120;
        file[64 + 32] = 40;
        byte[] notes = [4, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, (byte)'G', (byte)'N', (byte)'U', 0, 4, 0, 0, 0, 8, 0, 0, 0, 3, 0, 0, 0, (byte)'G', (byte)'N', (byte)'U', 0, 1, 2, 3, 4, 5, 6, 7, 8];
        notes.CopyTo(file, 120);
        return file;
    }
}
