"""Joined modules: what they export is what their members export, and bad members are refused."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from server.edge.assets import Assets
from server.edge.modules import ModuleError, join
from tests.harness.browser_client import House
from tests.harness.node import needs_node

STATIC = Path(__file__).resolve().parents[3] / "static"
VENDORED = frozenset(f"vendor/{path.name}" for path in (STATIC / "vendor").glob("*.js"))

_IMPORT_MAP = """
import {register} from "node:module";
const hooks = `
const names = ${process.env.NAMES};
export const resolve = (name, context, next) => next(names[name] ?? name, context);
`;
register("data:text/javascript," + encodeURIComponent(hooks));
"""


def run(folder: Path, names: dict[str, str], texts: dict[str, str], script: str) -> object:
    """Run a module in Node under an import map; return what it prints, as JSON."""
    for file, text in {**texts, "run.mjs": script, "map.mjs": _IMPORT_MAP}.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, "utf-8")
    table = {name: (folder / file).as_uri() for name, file in names.items()}
    done = subprocess.run(
        ["node", "--import", (folder / "map.mjs").as_uri(), str(folder / "run.mjs")],
        env={**os.environ, "NAMES": json.dumps(table)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def plain(folder: Path, sources: dict[str, str], script: str) -> object:
    files = {name: name.replace(".js", ".mjs") for name in sources}
    texts = {files[name]: text for name, text in sources.items()}
    return run(folder / "plain", files, texts, script)


def joined(
    folder: Path, sources: dict[str, str], lists: dict[str, list[str]], script: str
) -> object:
    homes = {member: file for file, members in lists.items() for member in members}
    texts = {name: text for name, text in sources.items() if name not in homes}
    texts |= join(sources, lists, VENDORED)
    names = {name: homes.get(name, name) for name in [*sources, *lists]}
    files = {name: file.replace(".js", ".mjs") for name, file in names.items()}
    return run(folder / "joined", files, {files[n]: t for n, t in texts.items()}, script)


# -- what is joined behaves as before ------------------------------------------------------------

VILLAGE = {
    "a/log.js": "export const log = [];\n",
    "a/base.js": """/**
 * A comment with `one tick, export default and import "nothing.js";
 */
import { log } from "a/log.js";

log.push("base");
// export let nothing
const PAUSE = 1;
export const both = { pause: PAUSE, url: "https://house//x" };
export class Person {
  #name;
  constructor(name) { this.#name = name; } // a comment at the end stays
  get name() { return this.#name; }
}
export function twice(n) {
  return /** @type {number} */ (n) * 2 * PAUSE;
}
""",
    "a/top.js": """import { Person as Somebody, twice } from "a/base.js";
import * as base from "a/base.js";
import { far as near } from "b/far.js";
import { log } from "a/log.js";
import "a/effect.js";

const PAUSE = 20;
log.push("top");
export const all = [twice(PAUSE), new Somebody("Ada").name, near, Object.keys(base).length > 0, this];
export async function later() {
  const { shelf } = await import("a/shelf.js");
  const { alone } = await import("c/alone.js");
  return [shelf, alone, base.both.url, `${PAUSE} // no comment`];
}
export function fail() {
  throw new Error("here");
}
""",
    "a/effect.js": 'import { log } from "a/log.js";\n\nlog.push("effect");\n',
    "a/shelf.js": 'import { twice } from "a/base.js";\n\nexport const shelf = twice(5);\n',
    "b/far.js": 'import { log } from "a/log.js";\n\nlog.push("far");\nexport const far = 7;\n',
    "c/alone.js": 'import { twice } from "a/base.js";\nexport const alone = twice(50);\n',
}
LISTS = {
    "logs.js": ["a/log.js"],
    "a.js": ["a/top.js", "a/effect.js", "a/base.js", "a/shelf.js"],
    "b.js": ["b/far.js"],
}
SCRIPT = """
import { all, fail, later } from "a/top.js";
import { Person, both, twice } from "a/base.js";
import { shelf } from "a/shelf.js";
import { log } from "a/log.js";
let line = 0;
try { fail(); } catch (error) { line = Number(error.stack.match(/:(\\d+):\\d+/)[1]); }
const seen = [all, await later(), twice(3), both, new Person("Bo").name, shelf, [...log].sort(), log.indexOf("base") < log.indexOf("top"), log.length];
console.log(JSON.stringify({ seen, line }));
"""


@needs_node
def test_joined_modules_export_what_their_members_export(tmp_path: Path) -> None:
    before = plain(tmp_path, VILLAGE, SCRIPT)
    after = joined(tmp_path, VILLAGE, LISTS, SCRIPT)
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert before["seen"] == [
        [40, "Ada", 7, True, None],
        [10, 100, "https://house//x", "20 // no comment"],
        6,
        {"pause": 1, "url": "https://house//x"},
        "Bo",
        10,
        ["base", "effect", "far", "top"],
        True,
        4,
    ]
    assert after["seen"] == before["seen"]
    # A stack trace leads to the member: its name stands above, and it keeps its lines.
    text = join(VILLAGE, LISTS, frozenset())["a.js"].split("\n")
    assert after["line"] == text.index("// a/top.js") + 2 + before["line"]


_PURE = [
    "cases/conditions.js",
    "cases/deid-check.js",
    "cases/instruments.js",
    "core/time.js",
    "live/room-state.js",
]


@needs_node
def test_the_house_s_own_pure_modules_answer_alike_when_joined(tmp_path: Path) -> None:
    sources = {
        path.relative_to(STATIC).as_posix(): path.read_text("utf-8")
        for path in STATIC.rglob("*.js")
        if path.parent.name != "vendor"
    }
    script = """
import { holds } from "cases/conditions.js";
import { applied, utf16 } from "cases/deid-check.js";
import { score } from "cases/instruments.js";
import { clock, relative, timerState } from "core/time.js";
import { RoomState, merge } from "live/room-state.js";
const answers = (key) => ({ age: ["41"], drug: ["a", "b"] })[key] ?? [];
const scale = { key: "s", items: [1, 2], points: [[0, 1, 2], [0, 1, 2]], gate: null, highest: 4, bands: [{ low: 0, high: 4, label: "all" }] };
console.log(JSON.stringify([
  holds(["all", [["between", "age", 40, 50], ["not", ["one_of", "drug", ["c"]]]]], answers),
  applied("😀 Mrs Quintana asked", { start: 2, end: 14, suggestion: "the patient" }),
  utf16("😀😀 x", 2), score(scale, [1, 2]), score(scale, [1, null]),
  clock(161), clock(-12), timerState(81, 100), relative(new Date(0), new Date(180000), "en"),
  merge({ a: { b: 1, c: 2 } }, { a: { b: null } }), Object.keys(new RoomState()),
]));
"""
    before = plain(tmp_path, sources, script)
    assert isinstance(before, list)
    assert before[:2] == [True, "😀 the patient asked"]
    assert joined(tmp_path, sources, {"pure.js": _PURE}, script) == before


@needs_node
def test_every_joined_file_of_the_house_is_good_javascript(tmp_path: Path) -> None:
    assets = Assets(STATIC)
    files = [path.with_suffix(".js").name for path in STATIC.rglob("*.modules")]
    assert files
    for file in files:
        asset = assets.find(file)
        assert asset is not None
        (tmp_path / file).with_suffix(".mjs").write_bytes(asset.body)
        path = str((tmp_path / file).with_suffix(".mjs"))
        subprocess.run(["node", "--check", path], check=True, capture_output=True, timeout=60)


# -- what is refused -----------------------------------------------------------------------------


def refusal(sources: dict[str, str], lists: dict[str, list[str]]) -> str:
    with pytest.raises(ModuleError) as refused:
        join(sources, lists, frozenset({"vendor/x.js"}))
    return str(refused.value)


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("export let open = 1;", "what is exported must not change: write `export const`."),
        ("export var open = 1;", "what is exported must not change: write `export const`."),
        ("export default 1;", "there are no default exports: give it a name."),
        ("export { a };", None),
        ('export * from "vendor/x.js";', None),
        ("export const { a } = b;", None),
        ("export function* a() {}", None),
        ("  export const a = 1;", None),
        ("const a = await b();", "nothing is awaited while a module loads."),
        ("for await (const a of b) c(a);", "nothing is awaited while a module loads."),
        ("await a();", "nothing is awaited while a module loads."),
        ("  new URL(import.meta.url);", "a joined module has no address of its own."),
        ("const a = `one", "a template string ends on the line it begins on."),
        ("const a = 'one \\", "a string ends on the line it begins on."),
        ('import a from "vendor/x.js";', "one line."),
        ("import {", "one line."),
        ('import { a } from "vendor/x.js"; // why', "one line."),
        ("/*\n one */ two();", "code starts on a line of its own."),
    ],
)
def test_a_line_that_cannot_be_joined_is_refused(line: str, instead: str | None) -> None:
    said = refusal({"a/b.js": f"const x = 1;\n{line}\n"}, {})
    assert said.startswith("static/a/b.js:")
    assert said.endswith(
        instead or "`export` stands at the start of a line, before a function, class or const."
    )


def test_every_import_has_what_it_asks_for() -> None:
    one = {"a.js": 'import { b } from "b.js";\n'}
    assert refusal(one, {}) == "a.js imports b.js, which is not in static/."
    two = {**one, "b.js": "export const c = 1;\n"}
    assert refusal(two, {}) == "a.js imports `b`, not exported by b.js."
    later = {"a.js": 'if (x) void import("b.js");\n'}
    assert refusal(later, {}) == "a.js imports b.js, which is not in static/."
    join({"a.js": 'import { b } from "vendor/x.js";\n'}, {}, frozenset({"vendor/x.js"}))


def test_a_circle_is_refused_before_and_after_joining() -> None:
    circle = {
        "a.js": 'import { b } from "b.js";\nexport const a = 1;\n',
        "b.js": 'import { c } from "c.js";\nexport const b = 1;\n',
        "c.js": 'import { a } from "a.js";\nexport const c = 1;\n',
    }
    said = "Modules import each other in a circle: a.js → b.js → c.js → a.js."
    assert refusal(circle, {"all.js": ["a.js", "b.js", "c.js"]}) == said
    line = {**circle, "c.js": "export const c = 1;\n"}
    said = "Modules import each other in a circle: ends.js → b.js → ends.js."
    assert refusal(line, {"ends.js": ["a.js", "c.js"]}) == said
    join(line, {"all.js": ["a.js", "b.js", "c.js"]}, frozenset())


def test_two_exports_of_one_name_are_refused() -> None:
    both = {"a.js": "export function start() {}\n", "b.js": "export const start = 1;\n"}
    said = "a.js and b.js are joined in all.js and both export `start`: rename one."
    assert refusal(both, {"all.js": ["a.js", "b.js"]}) == said
    join(both, {"a-only.js": ["a.js"], "b-only.js": ["b.js"]}, frozenset())


def test_a_list_names_modules_that_are_there_once() -> None:
    one = {"a.js": "export const a = 1;\n"}
    assert refusal(one, {"x.js": ["b.js"]}) == "x.js lists b.js, which is not in static/."
    twice = refusal(one, {"x.js": ["a.js"], "y.js": ["a.js"]})
    assert twice == "a.js is listed twice, in x.js and y.js."
    taken = refusal(one, {"a.js": ["a.js"]})
    assert taken == "static/a.js is there already: name the list otherwise."


# -- as they are served --------------------------------------------------------------------------


async def test_the_import_map_leads_every_member_to_the_joined_file(house: House) -> None:
    ada = house.stranger()
    page = await ada.get("/sign-in")
    table = page.text.split('<script type="importmap"', 1)[1].split(">", 1)[1]
    imports = json.loads(table.split("</script>", 1)[0])["imports"]
    for file in STATIC.rglob("*.modules"):
        members = [x for x in file.read_text("utf-8").splitlines() if x and x[0] != "#"]
        url = imports[file.with_suffix(".js").name]
        assert {imports[member] for member in members} == {url}
        text = (await ada.get(url)).text
        # Once each, and nowhere else: a second copy would have a state of its own.
        assert sorted(x[3:] for x in text.split("\n") if x.startswith("// ")) == sorted(members)
        for member in members:
            assert (await ada.get(f"/static/{url.split('/')[2]}/{member}")).status == 404
    assert imports["cases/library.js"].endswith("/cases/library.js")
