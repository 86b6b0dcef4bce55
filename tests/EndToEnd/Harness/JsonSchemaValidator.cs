namespace Provision.EndToEnd;

/// <summary>Checks YAML documents against a JSON Schema with python3-jsonschema: a validator that is not ours.</summary>
internal static class JsonSchemaValidator
{
    /// <summary>Exit code 0 when every document of every file is valid, 1 when one is not; standard output names them.</summary>
    public static CommandResult Check(string schemaPath, params string[] files) =>
        Command.Run("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Harness", "validate.py"), schemaPath, .. files]);
}
