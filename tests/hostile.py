"""Documents that are meant to harm, or that nobody could serve: how each is made, and what is to be said of it."""

import os
from collections.abc import Callable
from pathlib import Path

HEAD = "openapi: 3.1.0\ninfo: {title: t, version: '1'}\n"
A = "{$ref: '#/components/schemas/A'}"
BY_NAME = "parameters: [{name: %s, in: path, required: true, schema: {}}]"
OPERATION = "get: {responses: {'200': {description: d}}}"


def of(text: str | bytes) -> Callable[[Path, Path], Path]:
    """Return what writes a document of this text."""

    def write(folder: Path, outside: Path) -> Path:
        file = folder / "hostile.yaml"
        if isinstance(text, bytes):
            file.write_bytes(text)
        else:
            file.write_text(text.replace("OUTSIDE", str(outside)), "utf-8")
        return file

    return write


def schema(text: str, rest: str = "") -> Callable[[Path, Path], Path]:
    """Return what writes a document with this schema."""
    body = "paths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: d\n          content:\n"
    return of(f"{HEAD}{body}            application/json:\n              schema: {text}\n{rest}")


def _bomb(folder: Path, outside: Path) -> Path:
    rows = ["x-a: &a0 [x, x, x, x, x, x, x, x, x]"]
    rows += [f"x-b{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    return of(HEAD + "paths: {}\n" + "\n".join(rows) + "\n")(folder, outside)


def _symlink(folder: Path, outside: Path) -> Path:
    (folder / "link.yaml").symlink_to(outside)
    return schema("{$ref: link.yaml}")(folder, outside)


def _directory(folder: Path, outside: Path) -> Path:
    return folder


def _pipe(folder: Path, outside: Path) -> Path:
    os.mkfifo(folder / "pipe.yaml")
    return folder / "pipe.yaml"


def _pipe_referred_to(folder: Path, outside: Path) -> Path:
    _pipe(folder, outside)
    return schema("{$ref: pipe.yaml}")(folder, outside)


def _many_files(folder: Path, outside: Path) -> Path:
    for number in range(600):
        (folder / f"f{number}.yaml").write_text(f"{{$ref: f{number + 1}.yaml}}" if number < 599 else "{type: string}")
    return schema("{allOf: [" + ", ".join(f"{{$ref: f{number}.yaml}}" for number in range(0, 600, 50)) + "]}")(
        folder, outside
    )


def _large_files(folder: Path, outside: Path) -> Path:
    for number in range(40):
        (folder / f"f{number}.json").write_text('{"a": {}, "b": [' + "1," * 180_000 + "1]}")
    return schema("{allOf: [" + ", ".join(f"{{$ref: 'f{number}.json#/a'}}" for number in range(40)) + "]}")(
        folder, outside
    )


def _doubling(times: int) -> str:
    to = [f"{{$ref: '#/components/schemas/A{number or ''}'}}" for number in range(times + 1)]
    schemas = [f"A{number or ''}: {{anyOf: [{to[number + 1]}, {to[number + 1]}]}}" for number in range(times)]
    return f"components: {{schemas: {{{', '.join(schemas)}, A{times}: {{}}}}}}\n"


# fmt: off
DOCUMENTS: dict[str, tuple[Callable[[Path, Path], Path], str, str]] = {
    # name: how it is written, what is said of it, where (a line, a pointer or nothing)
    "alias bomb": (_bomb, "more than 300,000 values", ":"),
    "reference to itself": (
        schema(A, "components: {schemas: {A: " + A + "}}\n"),
        "comes back to itself", "/components/schemas/A",
    ),
    "references in a circle": (
        schema(A, "components: {schemas: {A: {not: " + A + "}}}\n"),
        "comes back to itself", "/components/schemas/",
    ),
    "remote reference": (schema("{$ref: 'http://CANARY/schema.json'}"), "is remote", ":11"),
    "remote reference without scheme": (schema("{$ref: '//CANARY/schema.json'}"), "is remote", ":11"),
    "file reference": (schema("{$ref: 'file://OUTSIDE'}"), "is remote", ":11"),
    "reference out of the folder": (schema("{$ref: '../outside/secret.yaml'}"), "leaves the folder", ":11"),
    "absolute reference": (schema("{$ref: 'OUTSIDE'}"), "leaves the folder", ":11"),
    "encoded reference out of the folder": (schema("{$ref: '%2e%2e/outside/secret.yaml'}"), "leaves the folder", ":11"),
    "symbolic link out of the folder": (_symlink, "leaves the folder", ":11"),
    "reference with a NUL": (schema("{$ref: 'a%00b.yaml'}"), "not the name of a file", ""),
    "pipe referred to": (_pipe_referred_to, "not a file", "pipe.yaml"),
    "chain of files": (_many_files, "more than", ""),
    "large files": (_large_files, "more than 300,000 values together", ":11"),
    "reference to nothing": (schema("{$ref: '#/components/schemas/Absent'}"), "leads nowhere", ":11"),
    "deep schema": (schema("{not: " * 300 + "{}" + "}" * 300), "nested deeper than 100", ":11"),
    "deep brackets": (of("[" * 100_000), "nested deeper than 100", ":1"),
    "duplicate keys": (of(HEAD + "paths: {}\npaths: {}\n"), "occurs twice", ":4"),
    "python tag": (of(HEAD + "paths: !!python/object/apply:os.system ['touch OUTSIDE.touched']\n"), "tag", ":3"),
    "merge key": (of(HEAD + "x-a: &a {}\npaths:\n  <<: *a\n"), "merge key", ":5"),
    "template": (of(HEAD + "paths: {{ ''.__class__ }}\n"), "mapping as a key", ":3"),
    "NUL bytes": (of(HEAD.encode() + b"paths: {}\n\x00"), "not valid YAML", ":"),
    "UTF-16": (of((HEAD + "paths: {}\n").encode("utf-16")), "not UTF-8", ":1"),
    "Latin-1": (of(HEAD.encode() + "x-a: é\npaths: {}".encode("latin-1")), "not UTF-8", ":3"),
    "huge file": (of(HEAD + "x-a: '" + "a" * 17_000_000 + "'\n"), "larger than 16 MB", ""),
    "huge number": (of(HEAD + "paths: {}\nx-a: 1e999\n"), "too large", ":4"),
    "many values": (of(HEAD + "paths: {}\nx-a: [" + "1," * 350_000 + "1]\n"), "more than 300,000 values", ":4"),
    "broken pattern": (schema("{type: string, pattern: '(('}"), "pattern", ":11"),
    "exploding pattern": (schema("{type: string, pattern: '((a{1,999}){1,999}){1,999}'}"), "pattern", ""),
    "costly pattern": (schema("{type: string, pattern: '((a{1,30}){1,30}){1,10}b'}"), "multiply", ""),
    "costly pattern before a lookahead": (
        schema("{type: string, pattern: '(?:(?:a{1,30}){1,30}){1,10}(?=b)'}"), "multiply", "",
    ),
    "pattern with a large count": (schema("{type: string, pattern: 'a{1,5000}b'}"), "multiply", ""),
    "costly pattern of a member": (
        schema("{properties: {a: {items: {not: {pattern: '((a{1,30}){1,30}){1,10}b'}}}}}"),
        "multiply", "/properties/a/items/not",
    ),
    "costly pattern of a name": (
        schema(A, "components: {schemas: {A: {patternProperties: {'((a{1,30}){1,30}){1,10}b': {}}}}}\n"),
        "multiply", ":12",
    ),
    "schemas that double": (
        schema(A, _doubling(14)),
        "more than 2,000 schemas", "/components/schemas/",
    ),
    "many operations": (
        of(HEAD + "paths:\n" + "".join(f"  /p{number}: {{{OPERATION}}}\n" for number in range(4_100))),
        "more than 4,000 operations", ":",
    ),
    "paths that collide": (
        of(
            HEAD + f"paths:\n  /x/{{a}}:\n    {BY_NAME % 'a'}\n    {OPERATION}\n"
            f"  /x/{{b}}:\n    {BY_NAME % 'b'}\n    {OPERATION}\n"
        ),
        "are the same to a request", "/x",
    ),
    "path with a name twice": (
        of(HEAD + f"paths:\n  /x/{{a}}/{{a}}:\n    {BY_NAME % 'a'}\n    {OPERATION}\n"),
        "twice", ":",
    ),
    "path without its parameter": (of(HEAD + f"paths:\n  /x/{{a}}:\n    {OPERATION}\n"), "no path parameter", ":"),
    "path of the control plane": (of(HEAD + f"paths:\n  /_mock/clock:\n    {OPERATION}\n"), "/_mock", ":"),
    "status that is none": (
        of(HEAD + "paths:\n  /a:\n    get: {responses: {yes: {description: d}}}\n"),
        "not a valid OpenAPI document", ":5",
    ),
    "unknown security": (
        of(HEAD + f"security: [{{nobody: []}}]\npaths:\n  /a:\n    {OPERATION}\n"),
        "is not defined", ":",
    ),
    "server without default": (
        of(HEAD + f"servers: [{{url: 'https://{{host}}/v1'}}]\npaths:\n  /a:\n    {OPERATION}\n"),
        "variable without a default", ":3",
    ),
    "unknown dialect": (of(HEAD + "jsonSchemaDialect: http://CANARY/dialect\npaths: {}\n"), "unknown dialect", ":3"),
    "Swagger 2.0": (of("swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths: {}\n"), "Swagger 2.0", ":1"),
    "OpenAPI 3.2": (
        of("openapi: 3.2.0\ninfo: {title: t, version: '1'}\npaths: {}\n"),
        "OpenAPI 3.2.0 is not served", ":1",
    ),
    "something else": (of("hello: world\n"), "not an OpenAPI", ""),
    "a text": (of("hello world\n"), "is a mapping", ""),
    "a list": (of("- 1\n"), "is a mapping", ""),
    "not YAML": (of("a: [1, 2\nb: }\n"), "not valid YAML", ":"),
    "empty file": (of(""), "is empty", ""),
    "two documents": (of(HEAD + "paths: {}\n---\na: 1\n"), "second YAML document", ":4"),
    "info that is a text": (of("openapi: 3.1.0\ninfo: t\npaths: {}\n"), "not a valid OpenAPI document", ":2"),
    "files of ours that are none": (
        of("openapi: 3.0.3\ninfo: {title: t, version: '1'}\nx-files: 5\npaths: 1\n"),
        "not a valid OpenAPI document", ":4",
    ),
    "reference into an example": (
        schema("{$ref: '#/components/schemas/E/example'}", "components: {schemas: {E: {example: {type: string}}}}\n"),
        "leads into an example", ":11",
    ),
    "remote reference in an example": (
        schema(
            "{$ref: '#/components/schemas/E/example/s'}",
            "components: {schemas: {E: {example: {s: {$ref: 'http://CANARY/x'}}}}}\n",
        ),
        "leads into an example", ":11",
    ),
    "reference to an index of many digits": (
        schema("{$ref: '#/servers/" + "9" * 6_000 + "'}", "servers: [{url: /}]\n"), "longer than 4,000", ":11",
    ),
    "reference to an index": (
        schema("{$ref: '#/servers/" + "9" * 3_900 + "'}", "servers: [{url: /}]\n"), "leads nowhere", ":11",
    ),
    "long reference": (schema("{$ref: '" + "a/" * 100_000 + "'}"), "longer than 4,000 characters", ":11"),
    "network share": (schema(r"{$ref: '\\CANARY\share\x.yaml'}"), "No such file", ""),
    "dialect of a schema": (schema("{$dynamicRef: 'http://CANARY/x#a'}"), "cannot be used", ":11"),
    "path of many segments": (of(HEAD + f"paths:\n  {'/a' * 101}:\n    {OPERATION}\n"), "100 segments", ":4"),
    "path of many characters": (
        of(HEAD + f"paths:\n  ? /{'a' * 5_000}\n  : {OPERATION.replace('get', '{get', 1)}}}\n"),
        "4,000 characters in a path", ":4",
    ),
    "many base paths, nested": (
        of(HEAD + "paths:\n" + "".join(
            f"  /p{number}: {{servers: [{{url: {'/b' * (number + 1)}}}], {OPERATION}}}\n" for number in range(1_000)
        )),
        "100 segments", ":",
    ),
    "many parameters": (
        of(HEAD + "paths:\n  /a:\n    parameters:\n" + "".join(
            f"    - {{name: q{number}, in: query, schema: {{}}}}\n" for number in range(20_000)
        ) + f"    {OPERATION}\n"),
        "more than 1,000 parameters", "~1a/parameters",
    ),
    "many media types": (
        of(HEAD + "paths:\n  /a:\n    post:\n      responses: {'200': {description: d}}\n      requestBody:\n"
           "        content:\n" + "".join(
               f"          application/x{number}: {{schema: {{type: string}}}}\n" for number in range(20_000))),
        "more than 500 media types", ":",
    ),
    "many headers": (
        of(HEAD + "paths:\n  /a:\n    get:\n      responses:\n        '200':\n          description: d\n"
           "          headers:\n" + "".join(
               f"            X-H{number}: {{schema: {{type: string}}}}\n" for number in range(10_000))),
        "more than 500 headers", ":",
    ),
    "many security schemes": (
        of(HEAD + "security: [" + ", ".join(f"{{s{number}: []}}" for number in range(5_000)) + "]\n"
           f"paths:\n  /a:\n    {OPERATION}\ncomponents:\n  securitySchemes:\n" + "".join(
               f"    s{number}: {{type: http, scheme: bearer}}\n" for number in range(5_000))),
        "more than 500 security schemes", ":3",
    ),
    "members times patterns": (
        schema("{type: object, properties: {" + ", ".join(f"v{number}: {{}}" for number in range(5_000))
               + "}, patternProperties: {" + ", ".join(f"'^v{number}a': {{}}" for number in range(5_000)) + "}}"),
        "pairs of a member and a schema", ":11",
    ),
    "combination of open schemas": (
        schema("{allOf: [" + ", ".join(
            f"{{properties: {{a{number}: {{}}}}, additionalProperties: {{type: string}}}}" for number in range(1_900))
               + "]}"),
        "pairs of a member and a schema", ":11",
    ),
    "many wrong schemas": (
        schema("{properties: {" + ", ".join(f"a{number}: {{type: 5}}" for number in range(60_000)) + "}}"),
        "not a JSON schema", "properties/a0",
    ),
    "many wrong answers": (
        of(HEAD + "paths:\n" + "".join(
            f"  /p{number}: {{get: {{responses: {{abc: {{}}}}}}}}\n" for number in range(20_000))),
        "not a valid OpenAPI document", ":4",
    ),
    "many schemas": (
        schema("{prefixItems: [" + ", ".join("{}" for _ in range(61_000)) + "]}"), "more than 60,000 schemas", ":11",
    ),
    "long pattern": (
        schema("{pattern: '" + "a|" * 500_000 + "b'}"), "20,000 characters in a pattern", ":11",
    ),
    "many values of JSON": (
        of('{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "x-a": ['
           + "1," * 5_000_000 + "1]}"),
        "more than 300,000 values", ":1",
    ),
    "values of JSON": (
        of('{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}, "x-a": ['
           + '{},' * 350_000 + "1]}"),
        "more than 300,000 values", "x-a",
    ),
    "deep JSON": (of('{"a": ' + "[" * 300 + "]" * 300 + "}"), "nested deeper than 100", ":1"),
    "many patterns with large counts": (
        schema("{type: object, properties: {" + ", ".join(
            f"v{number}: {{pattern: '^\\w{{1,{number % 900 + 100}}}$'}}" for number in range(3_000)) + "}}"),
        "300,000 places", "/properties/v",
    ),
    "many patterns of Unicode's properties": (
        schema("{type: object, properties: {" + ", ".join(
            f"v{number}: {{pattern: '^\\p{{L}}{{1,{number % 9 + 50}}}x{number}$'}}" for number in range(3_000)) + "}}"),
        "300,000 places", "/properties/v",
    ),
    "a directory": (_directory, "Is a directory", ""),
    "a pipe": (_pipe, "not a file", ""),
    "a device": (lambda folder, outside: Path("/dev/zero"), "not a file", ""),
    "not there": (lambda folder, outside: folder / "absent.yaml", "No such file", ""),
}
# fmt: on
"""An unreadable file is missing here: for root, which tests often run as, there is none."""


def write(name: str, folder: Path, canary: str = "127.0.0.1:9") -> tuple[Path, str, str]:
    """Write a document below a folder that nothing else is read of; return it, what is said of it, and where."""
    root, outside = folder / "root", folder / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "secret.yaml").write_text("{title: SECRET}")
    make, what, where = DOCUMENTS[name]
    file = make(root, outside / "secret.yaml")
    if file.is_file():
        raw = file.read_bytes()
        if b"CANARY" in raw:
            file.write_bytes(raw.replace(b"CANARY", canary.encode()))
    return file, what, where
