using System.Collections.Immutable;

namespace Provision.Spec;

/// <summary>
/// Every code that the language engine reports. A code has one meaning for ever. Codes from PV1000 on belong to
/// the kinds, which declare them beside their own checks.
/// </summary>
public static class DiagnosticCodes
{
    /// <summary>A path given on the command line does not exist.</summary>
    public const string PathNotFound = "PV0001";

    /// <summary>A file or directory cannot be read.</summary>
    public const string PathUnreadable = "PV0002";

    /// <summary>Warning: a directory holds no *.yaml or *.yml file.</summary>
    public const string NoManifests = "PV0003";

    /// <summary>A file is larger than a manifest may be.</summary>
    public const string FileTooLarge = "PV0004";

    /// <summary>A file is not UTF-8 text.</summary>
    public const string NotUtf8 = "PV0005";

    /// <summary>A file holds a control character (NUL, ESC) that YAML does not allow.</summary>
    public const string ControlCharacter = "PV0006";

    /// <summary>The text is not YAML.</summary>
    public const string YamlSyntax = "PV0007";

    /// <summary>A document is larger, or has more nodes, than the limits allow.</summary>
    public const string DocumentTooLarge = "PV0008";

    /// <summary>Lists and mappings are nested deeper than the limit allows.</summary>
    public const string TooDeep = "PV0009";

    /// <summary>Aliases expand to more nodes than the limit allows.</summary>
    public const string AliasExpansion = "PV0010";

    /// <summary>An alias names no anchor above it.</summary>
    public const string UnknownAlias = "PV0011";

    /// <summary>An alias stands inside the node that its anchor names.</summary>
    public const string RecursiveAlias = "PV0012";

    /// <summary>A YAML tag (<c>!!str</c>): manifests do not use them.</summary>
    public const string Tag = "PV0013";

    /// <summary>A mapping key is not a plain name.</summary>
    public const string KeyNotScalar = "PV0014";

    /// <summary>A mapping has the same key twice.</summary>
    public const string DuplicateKey = "PV0015";

    /// <summary>A file that a manifest names cannot be used: it is not there, too large, no regular file, or lies elsewhere.</summary>
    public const string EmbeddedFile = "PV0016";

    /// <summary>A document is not a mapping.</summary>
    public const string NotAManifest = "PV0101";

    /// <summary>The apiVersion is not one that this version reads.</summary>
    public const string UnknownApiVersion = "PV0102";

    /// <summary>The kind is not one that this version knows.</summary>
    public const string UnknownKind = "PV0103";

    /// <summary>A key that the schema does not have.</summary>
    public const string UnknownField = "PV0104";

    /// <summary>A required field is not there.</summary>
    public const string MissingField = "PV0105";

    /// <summary>A scalar, list or mapping stands where another of them is wanted.</summary>
    public const string WrongNodeType = "PV0106";

    /// <summary>A field has no value (empty, <c>~</c> or <c>null</c>).</summary>
    public const string NullValue = "PV0107";

    /// <summary>Two resources have one kind and name.</summary>
    public const string DuplicateResource = "PV0108";

    /// <summary>Two items of a list have one key.</summary>
    public const string DuplicateItem = "PV0109";

    /// <summary>metadata.ignoreFields names a field that the kind does not have.</summary>
    public const string UnknownIgnoredField = "PV0110";

    /// <summary>None, or several, of the members of which exactly one must be there.</summary>
    public const string OneOf = "PV0111";

    /// <summary>The text is not a value of the field's type: its form or its unit is wrong.</summary>
    public const string InvalidValue = "PV0201";

    /// <summary>A number, well written, that is less or more than the field allows.</summary>
    public const string OutOfRange = "PV0202";

    /// <summary>A word that is not one of the field's words.</summary>
    public const string UnknownWord = "PV0203";

    /// <summary><c>${NAME}</c> with no such variable and no default.</summary>
    public const string UndefinedVariable = "PV0204";

    /// <summary><c>${</c> that is not followed by a name and a closing brace.</summary>
    public const string MalformedVariable = "PV0205";

    /// <summary>A reference names a resource that is not declared.</summary>
    public const string DanglingReference = "PV0301";

    /// <summary>Resources depend on each other in a circle.</summary>
    public const string Cycle = "PV0302";

    /// <summary>All of them with their meaning in a few words, for the reference page and for tests.</summary>
    public static readonly ImmutableArray<(string Code, string Meaning)> All =
    [
        (PathNotFound, "path does not exist"),
        (PathUnreadable, "path cannot be read"),
        (NoManifests, "directory holds no manifest (warning)"),
        (FileTooLarge, "file is too large"),
        (NotUtf8, "file is not UTF-8"),
        (ControlCharacter, "control character in a file"),
        (YamlSyntax, "not YAML"),
        (DocumentTooLarge, "document is too large"),
        (TooDeep, "nested too deep"),
        (AliasExpansion, "aliases expand to too much"),
        (UnknownAlias, "alias of no anchor"),
        (RecursiveAlias, "alias inside its own anchor"),
        (Tag, "YAML tag"),
        (KeyNotScalar, "key is not a plain name"),
        (DuplicateKey, "key twice in one mapping"),
        (EmbeddedFile, "file that a manifest names cannot be used"),
        (NotAManifest, "document is not a mapping"),
        (UnknownApiVersion, "unknown apiVersion"),
        (UnknownKind, "unknown kind"),
        (UnknownField, "unknown field"),
        (MissingField, "required field missing"),
        (WrongNodeType, "scalar, list or mapping expected"),
        (NullValue, "field without a value"),
        (DuplicateResource, "resource declared twice"),
        (DuplicateItem, "list item twice"),
        (UnknownIgnoredField, "ignoreFields names no field"),
        (OneOf, "not exactly one of several members"),
        (InvalidValue, "value has the wrong form or unit"),
        (OutOfRange, "value out of range"),
        (UnknownWord, "unknown word"),
        (UndefinedVariable, "undefined variable"),
        (MalformedVariable, "malformed variable"),
        (DanglingReference, "reference to what is not declared"),
        (Cycle, "circular dependency"),
    ];
}
