"""`caseround deid check`: JSON lines in, findings out, for programs and for measuring."""

import json
import os
import subprocess
import sys
from datetime import date
from itertools import count
from pathlib import Path

from server.deid import lines
from server.deid.detect import scan, second_look

ROOT = Path(__file__).parents[3]
TODAY = date(2026, 11, 24)


def checked(*typed: str) -> tuple[list[dict[str, object]], lines.Stats]:
    ticks = count()
    stats = lines.Stats()
    found = [json.loads(line) for line in lines.check(typed, stats, lambda: next(ticks), TODAY)]
    return found, stats


def test_a_text_with_one_number():
    (found,), _ = checked('{"id": "a", "text": "Call 505-555-0143 after five."}')
    assert found == {
        "id": "a",
        "findings": [
            {
                "start": 5,
                "end": 17,
                "category": "phone",
                "tier": "block",
                "rule": "phone.nanp",
                "suggestion": "[phone removed]",
            }
        ],
        "notes": [],
    }


def test_offsets_are_code_points_and_cues_are_notes():
    text = "😀 The only vet in the county, phq9 17/27, cell 505-555-0143."
    (found,), _ = checked(json.dumps({"id": 7, "text": text}))
    spans = [text[f["start"] : f["end"]] for f in found["findings"]]
    assert spans == ["505-555-0143"]
    cues = [n for n in found["notes"] if not n["rule"].startswith("look.")]
    assert [text[n["start"] : n["end"]] for n in cues] == ["The only vet in the county"]
    assert found["id"] == 7


def test_lines_that_are_no_text_are_counted_and_say_nothing_of_themselves():
    found, stats = checked(
        "Ms. Quintana",
        '{"id": 1}',
        '["x"]',
        '{"text": 5}',
        "",
        '{"id": "b", "text": ""}',
        "[" * 9999,
    )
    bad = {"id": None, "error": 'not a JSON object with "text" (a string)'}
    assert found == [
        bad | {"line": 1},
        bad | {"line": 2},
        bad | {"line": 3},
        bad | {"line": 4},
        {"id": "b", "findings": [], "notes": []},
        bad | {"line": 7},
    ]
    assert stats.summary() == {"texts": 1, "bad_lines": 5, "ms_per_text": 1000.0, "p95_ms": 1000.0}


def test_lone_surrogates_and_blank_characters_do_no_harm():
    zero = "\\u200b"
    (one, two), _ = checked(
        '{"id": 1, "text": "\\ud800 call 505-555-0143"}',
        f'{{"id": 2, "text": "call 505{zero}-55{zero}5-0143"}}',
    )
    assert [f["category"] for f in one["findings"]] == ["phone"]
    assert [f["category"] for f in two["findings"]] == ["phone"]


def test_the_second_look_never_repeats_a_finding():
    text = "Saw Nabukenya in Kabarondo. Her cousin Piet, the skipper, called from Oriole House."
    result = scan(text, "en", TODAY)
    looks = second_look(text, result)
    assert [
        note
        for note in looks
        for f in result.findings
        if f.start < note.end and note.start < f.end
    ] == []


def test_the_command_reads_standard_input():
    mine = {key: value for key, value in os.environ.items() if not key.startswith("CASEROUND_")}
    run = subprocess.run(
        [sys.executable, "-m", "server", "deid", "check", "--stats"],
        input='{"id": "x", "text": "seen by Dr. Abernathy"}\nnonsense\n',
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=mine,
        timeout=120,
        check=False,
    )
    answer, bad = (json.loads(line) for line in run.stdout.splitlines())
    assert (answer["id"], [f["rule"] for f in answer["findings"]]) == ("x", ["name.titled"])
    assert bad["line"] == 2
    assert run.returncode == 1
    assert set(json.loads(run.stderr.splitlines()[-1])) == {
        "texts",
        "bad_lines",
        "ms_per_text",
        "p95_ms",
        "memory_mb",
    }
