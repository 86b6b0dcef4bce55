using YamlDotNet.Core;

namespace Provision.Spec;

/// <summary>Reads one document into nodes with marks. Whatever the text, the answer is a node, nothing, or errors.</summary>
internal static class YamlReader
{
    /// <summary>The root node; null for an empty document, or after an error that is in the bag.</summary>
    public static YamlNode? Read(SourceText source, int start, int end, ReadLimits limits, DiagnosticBag bag)
    {
        if (end - start > limits.DocumentCharacters)
        {
            bag.Error(
                DiagnosticCodes.DocumentTooLarge,
                $"the document has {end - start} characters; at most {limits.DocumentCharacters} are read",
                source.Span(start, start + 1),
                "split it into several documents");
            return null;
        }

        var scanner = new Scanner(new StringReader(source.Text[start..end]), skipComments: true);
        var builder = new YamlNodeBuilder(new Parser(scanner), source, start, limits, bag);
        try
        {
            return builder.Document();
        }
        catch (YamlException broken)
        {
            YamlErrors.Report(broken, source, start, builder, bag);
        }
        catch (Exception broken) when (broken is InvalidOperationException or ArgumentException or FormatException
                                           or OverflowException or IndexOutOfRangeException or NullReferenceException)
        {
            // The YAML library answers some broken texts (an unclosed bracket, an escape beyond U+10FFFF) with these.
            YamlErrors.Report(null, source, start, builder, bag);
        }

        return null;
    }
}
