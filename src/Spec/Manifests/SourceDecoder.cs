using System.Text;

namespace Provision.Spec;

/// <summary>Bytes of a file to text: UTF-8, with or without a byte order mark, without control characters.</summary>
internal static class SourceDecoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text; null after an error that is in the bag.</summary>
    public static SourceText? Decode(string file, ReadOnlySpan<byte> bytes, DiagnosticBag bag)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]))
            bytes = bytes[3..];
        try
        {
            return Check(new SourceText(file, Strict.GetString(bytes)), bag);
        }
        catch (DecoderFallbackException)
        {
            var valid = ValidPrefix(bytes);
            var readable = new SourceText(file, Strict.GetString(bytes[..valid]));
            var utf16 = bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || bytes.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF]);
            bag.Error(
                DiagnosticCodes.NotUtf8,
                $"the file is not UTF-8: byte 0x{bytes[valid]:x2} at offset {valid}",
                readable.Span(readable.Text.Length, readable.Text.Length),
                utf16 ? "it looks like UTF-16; save it as UTF-8" : null);
            return null;
        }
    }

    private static SourceText? Check(SourceText source, DiagnosticBag bag)
    {
        for (var i = 0; i < source.Text.Length; i++)
        {
            var c = source.Text[i];
            if (!char.IsControl(c) || c is '\t' or '\n' or '\r' or '\u0085')
                continue;
            bag.Error(
                DiagnosticCodes.ControlCharacter,
                $"the file has the control character U+{(int)c:X4}",
                source.Span(i, i + 1),
                "in a quoted value it is written as an escape such as \"\\x1b\"");
            return null;
        }

        return source;
    }

    private static int ValidPrefix(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var consumed) == System.Buffers.OperationStatus.Done)
            at += consumed;
        return at;
    }
}
