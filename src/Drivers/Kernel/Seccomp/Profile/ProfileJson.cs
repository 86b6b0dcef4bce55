using System.Text;
using System.Text.Json;
using Provision.Spec;

namespace Provision.Kernel.Seccomp;

/// <summary>JSON text to a tree of nodes with their places.</summary>
internal sealed class ProfileJson
{
    private const int Deepest = 32;

    private readonly SourceText _source;
    private readonly byte[] _bytes;
    private readonly bool _ascii;

    private ProfileJson(SourceText source)
    {
        _source = source;
        _bytes = Encoding.UTF8.GetBytes(source.Text);
        _ascii = _bytes.Length == source.Text.Length;
    }

    /// <summary>Null after an error that is in the bag.</summary>
    public static ProfileNode? Read(SourceText source, DiagnosticBag bag)
    {
        var json = new ProfileJson(source);
        var reader = new Utf8JsonReader(json._bytes, new JsonReaderOptions { MaxDepth = Deepest });
        try
        {
            reader.Read();
            var root = json.Node(ref reader);
            // Nothing may follow: the reader throws where something does.
            reader.Read();
            return root;
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            var at = (int)Math.Min(reader.TokenStartIndex + reader.ValueSpan.Length, json._bytes.Length);
            if (broken is JsonException { LineNumber: { } line, BytePositionInLine: { } column })
                at = json.Offset(line, column);
            bag.Error(SeccompCodes.NotJson, reader.CurrentDepth >= Deepest ? $"nested deeper than {Deepest} levels" : "this is not JSON from here on", json.Span(at, at + 1)());
            return null;
        }
    }

    private ProfileNode Node(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new List<(ProfileScalar, ProfileNode)>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var key = Scalar(ref reader, quoted: true);
                    reader.Read();
                    members.Add((key, Node(ref reader)));
                }

                return new ProfileObject(members, Span(start, start + 1));
            case JsonTokenType.StartArray:
                var items = new List<ProfileNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Node(ref reader));
                return new ProfileList(items, Span(start, start + 1));
            default:
                return Scalar(ref reader, reader.TokenType == JsonTokenType.String);
        }
    }

    private ProfileScalar Scalar(ref Utf8JsonReader reader, bool quoted)
    {
        var start = (int)reader.TokenStartIndex;
        var end = start + reader.ValueSpan.Length + (quoted ? 2 : 0);
        return new ProfileScalar(quoted ? reader.GetString()! : Encoding.UTF8.GetString(reader.ValueSpan), quoted, Span(start, end));
    }

    private Func<SourceSpan> Span(int start, int end) => () => _source.Span(Characters(start), Characters(end));

    private int Characters(int bytes) =>
        _ascii ? bytes : Encoding.UTF8.GetCharCount(_bytes, 0, Math.Min(bytes, _bytes.Length));

    // The reader counts lines by LF, from 0.
    private int Offset(long line, long column)
    {
        var at = 0;
        for (; line > 0; line--)
            at = Array.IndexOf(_bytes, (byte)'\n', at) + 1;
        return Math.Min(at + (int)column, _bytes.Length);
    }
}
