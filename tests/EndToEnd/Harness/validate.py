"""validate.py SCHEMA FILE...: checks every YAML document of the files against a JSON Schema (draft 2020-12).

Prints "FILE#N: ok" or one line an error; exit code 1 when a document is invalid, 2 when the schema itself is.
"""
import json
import re
import sys

import jsonschema
import yaml


class Core(yaml.SafeLoader):
    """YAML 1.2's core schema, as Provision and editors read it (in 1.1, `no` is false and 1:20 is 80)."""


Core.yaml_implicit_resolvers = {}
for tag, pattern, first in [
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^(?:[-+]?[0-9]+)$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+0123456789.")),
]:
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), first)
Core.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node), 10))


def main(schema_path, files):
    with open(schema_path, encoding="utf-8") as file:
        schema = json.load(file)
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        print(f"{schema_path}: {error.message}")
        return 2
    validator = jsonschema.Draft202012Validator(schema)
    valid = True
    for name in files:
        with open(name, encoding="utf-8") as file:
            for number, document in enumerate(yaml.load_all(file, Core), 1):
                errors = list(validator.iter_errors(document))
                for error in errors:
                    print(f"{name}#{number}: {error.json_path}: {error.message}")
                if not errors:
                    print(f"{name}#{number}: ok")
                valid = valid and not errors
    return 0 if valid else 1


sys.exit(main(sys.argv[1], sys.argv[2:]))
