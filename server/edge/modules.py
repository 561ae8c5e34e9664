"""Joins small ES modules into few files when the server starts (docs/decisions/0017).

A `name.modules` file lists modules by the names they are imported by. They are served as one
module, `name.js`: each keeps a scope of its own and stands after what it imports, imports between
them become constants, and all exports are exported once more at the end. The import map points
every member's name to the joined file, so that each module exists once and imports stay as written.

This is no parser. It reads lines, and refuses what lines cannot tell (`_REFUSED`).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

_NAME = r"[A-Za-z_$][\w$]*"
_NAMES = rf"{_NAME}(?: as {_NAME})?"
_IMPORT = re.compile(
    rf"import (?:(?:\{{ (?P<names>{_NAMES}(?:, {_NAMES})*) \}}|\* as (?P<whole>{_NAME})) from )?"
    r'"(?P<source>[\w./-]+)";'
)
_EXPORT = re.compile(rf"export (?=(?:(?:async )?function|class|const) (?P<name>{_NAME})\b)")
_LATER = re.compile(r'\bimport\("([^"]+)"\)')

_REFUSED = (
    (r".*\bimport\.meta\b", "a joined module has no address of its own"),
    (r"\s*export (?:let|var)\b", "what is exported must not change: write `export const`"),
    (r"\s*export default\b", "there are no default exports: give it a name"),
    (r"\s*export\b", "`export` stands at the start of a line, before a function, class or const"),
    (
        r"\s*import\b(?!\s*\()",
        'write `import { a, b as c } from "d";`, `import * as a from "d";` or `import "d";` on one line',
    ),
    (r"await\b|(?!.*\basync\b)\S.*\bawait\b", "nothing is awaited while a module loads"),
    (r"(?:[^`]*`[^`]*`)*[^`]*`[^`]*$", "a template string ends on the line it begins on"),
    (r".*\\$", "a string ends on the line it begins on"),
)
"""Lines that are not joined, and what to write instead; imports and exports in good form pass."""


class ModuleError(ValueError):
    """The modules cannot be joined; the message says where and what to write."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: its line, where from, the names taken (theirs to ours) or the name of it all."""

    line: int
    source: str
    names: dict[str, str]
    whole: str | None


@dataclass(frozen=True, slots=True)
class Module:
    """One module as its lines tell: without comments, line for line as in its file."""

    name: str
    lines: list[str]
    imports: list[Import]
    exports: list[str]


def join(
    sources: Mapping[str, str], lists: Mapping[str, Sequence[str]], others: frozenset[str]
) -> dict[str, str]:
    """Return the text of each joined file of `lists` (its name to its members).

    `sources` are all modules of the house by name, joined or not; `others` are names that may be
    imported and are not read (vendored code). Raises ModuleError for a member or an import that is
    not there, a member listed twice, a cycle, two exports of one name in one file, and every form
    of code that `read` refuses.
    """
    modules = {name: read(name, text) for name, text in sources.items()}
    home = _homes(modules, lists)
    _check_imports(modules, others)
    order = _in_order({name: [i.source for i in m.imports] for name, m in modules.items()})
    files: dict[str, list[str]] = {}
    for name, module in modules.items():
        needed = files.setdefault(home.get(name, name), [])
        needed += [home.get(i.source, i.source) for i in module.imports]
    # Joining can make a circle where none was: a file would wait for itself.
    _in_order({file: [n for n in needed if n != file] for file, needed in files.items()})
    return {
        file: _write(file, [modules[name] for name in order if home.get(name) == file], home)
        for file in lists
    }


def read(name: str, text: str) -> Module:
    """Read one module; raises ModuleError for a line that cannot be joined."""
    lines = _without_comments(name, text)
    imports: list[Import] = []
    exports: list[str] = []
    for number, line in enumerate(lines):
        if found := _IMPORT.fullmatch(line):
            names = [pair.split(" as ") for pair in (found["names"] or "").split(", ") if pair]
            taken = {pair[0]: pair[-1] for pair in names}
            imports.append(Import(number, found["source"], taken, found["whole"]))
            lines[number] = ""
        elif found := _EXPORT.match(line):
            exports.append(found["name"])
            lines[number] = line[found.end() :]
    for number, line in enumerate(lines):
        for pattern, instead in _REFUSED:
            if re.match(pattern, line):
                raise ModuleError(f"static/{name}:{number + 1}: {instead}.")
    return Module(name, lines, imports, exports)


def _without_comments(name: str, text: str) -> list[str]:
    """Return the lines, empty where a comment had them to itself.

    Neither `//` nor `/*` can begin an expression, and no string runs over lines (`_REFUSED`): what
    begins a line with them is a comment.
    """
    lines = text.split("\n")
    inside = False
    for number, line in enumerate(lines):
        bare = line.strip()
        inside = inside or (bare.startswith("/*") and "*/" not in bare)
        if inside and "*/" in bare:
            inside = False
            if not bare.endswith("*/"):
                raise ModuleError(f"static/{name}:{number + 1}: code starts on a line of its own.")
            lines[number] = ""
        elif inside or bare.startswith("//") or re.fullmatch(r"/\*(?:(?!\*/).)*\*/", bare):
            lines[number] = ""
    return lines


def _homes(modules: Mapping[str, Module], lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return which joined file each member is in."""
    home: dict[str, str] = {}
    for file, members in lists.items():
        if file in modules:
            raise ModuleError(f"static/{file} is there already: name the list otherwise.")
        exporter: dict[str, str] = {}
        for name in members:
            if name not in modules:
                raise ModuleError(f"{file} lists {name}, which is not in static/.")
            if name in home:
                raise ModuleError(f"{name} is listed twice, in {home[name]} and {file}.")
            home[name] = file
            for export in modules[name].exports:
                if export in exporter:
                    raise ModuleError(
                        f"{exporter[export]} and {name} are joined in {file} and both export "
                        f"`{export}`: rename one."
                    )
                exporter[export] = name
    return home


def _check_imports(modules: Mapping[str, Module], others: frozenset[str]) -> None:
    for name, module in modules.items():
        for item in module.imports:
            if item.source not in modules and item.source not in others:
                raise ModuleError(f"{name} imports {item.source}, which is not in static/.")
            for theirs in item.names:
                if item.source in modules and theirs not in modules[item.source].exports:
                    raise ModuleError(f"{name} imports `{theirs}`, not exported by {item.source}.")
        for later in _LATER.findall("\n".join(module.lines)):
            if later not in modules and later not in others:
                raise ModuleError(f"{name} imports {later}, which is not in static/.")


def _in_order(needs: Mapping[str, list[str]]) -> list[str]:
    """Return the names, each after what it needs."""
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise ModuleError(f"Modules import each other in a circle: {circle}.") from None


def _constant(name: str) -> str:
    """Return the constant that holds a module's exports; `$` begins no name of the house."""
    return "$" + re.sub(r"\W", "_", name)


def _write(file: str, members: Sequence[Module], home: Mapping[str, str]) -> str:
    """Return the joined text of `members`, which are in order."""
    outside: dict[str, str] = {}
    bodies: list[str] = []
    for module in members:
        lines = list(module.lines)
        for item in module.imports:
            where = home.get(item.source, item.source)
            if where == file:
                where = item.source
            else:
                outside[where] = f'import * as {_constant(where)} from "{where}";'
            if item.whole:
                lines[item.line] = f"const {item.whole} = {_constant(where)};"
            elif item.names:
                pairs = [a if a == b else f"{a}: {b}" for a, b in item.names.items()]
                lines[item.line] = f"const {{ {', '.join(pairs)} }} = {_constant(where)};"
        given = f"return {{ {', '.join(module.exports)} }};"
        start = f"// {module.name}\nconst {_constant(module.name)} = (() => {{"
        bodies.append("\n".join([start, *lines, given, "})();"]))
    public: list[str] = []
    for module in members:
        names = {name: f"${len(public) + at}" for at, name in enumerate(module.exports)}
        if names:
            pairs = [f"{name}: {ours}" for name, ours in names.items()]
            bodies.append(f"const {{ {', '.join(pairs)} }} = {_constant(module.name)};")
            public += [f"{ours} as {name}" for name, ours in names.items()]
    bodies.append(f"export {{ {', '.join(public)} }};")
    return "\n".join([*outside.values(), *bodies]) + "\n"
