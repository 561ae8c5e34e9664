"""Measures the identifier check on development texts; prints JSON lines.

    python tests/bench/bench_deid.py [OTHERS-FOLDER] [--only NAME] [--misses] [--alarms]

Reads our own texts (tests/corpora/deid) and, when a folder is given (or
CASEROUND_DEID_CORPORA), the corpora of other people in it. "Touched" counts a planted span as
found when any finding overlaps it; "covered" when every letter and digit of it lies in a
finding. Development figures: the word model has seen these texts unless it was trained with
--held (tests/tools/deid/train.py); "blind" files it has never seen. "own, es" and "own, fr" are the
Spanish and French texts of all our files together. With --misses and --alarms single spots are
listed (invented texts only).

Presidio answers the English texts in the same run where it is installed (deid_presidio.py says
how); its lines say "tool": "presidio" and stand behind ours for the same texts.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from server.deid.detect import scan
from server.deid.models import Tier
from tests.bench.deid_presidio import SKIPPED
from tests.tools.deid import corpus

TODAY = date(2026, 11, 24)
PRESIDIO = Path(__file__).parent / "deid_presidio.py"
HOW = "skipped: pip install presidio-analyzer + a spaCy model (tests/bench/deid_presidio.py)"

Found = tuple[int, int]


def say(**facts: object) -> None:
    print(json.dumps(facts, ensure_ascii=False), flush=True)


def overlaps(found: Found, span: corpus.Span) -> bool:
    return found[0] < span.end and span.start < found[1]


def covered(text: str, span: corpus.Span, found: Sequence[Found]) -> bool:
    return all(
        any(start <= i < end for start, end in found)
        for i in range(span.start, span.end)
        if text[i].isalnum()
    )


def score(tool: str, name: str, cases: Sequence[tuple[corpus.Text, Sequence[Found]]]) -> None:
    """Print recall per class, whole documents and alarms of one tool on one corpus."""
    total: Counter[str] = Counter()
    touched: Counter[str] = Counter()
    full: Counter[str] = Counter()
    documents = whole = whole_covered = false = clean = flagged = extra = 0
    for case, found in cases:
        hits = []
        for span in case.spans:
            hit = any(overlaps(f, span) for f in found)
            cover = hit and covered(case.text, span, found)
            hits.append((hit, cover))
            structured = ("structured",) if span.category in corpus.NUMBERS else ()
            for kind in (span.category, "all", *structured):
                total[kind] += 1
                touched[kind] += hit
                full[kind] += cover
        wrong = sum(not any(overlaps(f, span) for span in case.spans) for f in found)
        if case.spans:
            documents += 1
            whole += all(hit for hit, _ in hits)
            whole_covered += all(cover for _, cover in hits)
            extra += wrong
        else:
            clean += 1
            false += wrong
            flagged += wrong > 0
    for kind in sorted(total):
        say(
            tool=tool,
            corpus=name,
            kind=kind,
            planted=total[kind],
            touched=round(touched[kind] / total[kind], 3),
            covered=round(full[kind] / total[kind], 3),
        )
    if documents:
        say(
            tool=tool,
            corpus=name,
            documents=documents,
            every_span_touched=round(whole / documents, 3),
            every_span_covered=round(whole_covered / documents, 3),
            other_findings_per_document=round(extra / documents, 2),
        )
    if clean:
        say(
            tool=tool,
            corpus=name,
            clean=clean,
            alarms_per_clean=round(false / clean, 3),
            clean_flagged=round(flagged / clean, 3),
        )


def ours(name: str, texts: Sequence[corpus.Text], *, misses: bool, alarms: bool) -> None:
    """Measure our own check on one corpus, with what only we have: tiers and rules."""
    cases = []
    by_rule: Counter[str] = Counter()
    clean = blocked = 0
    for case in texts:
        findings = scan(case.text, case.lang, TODAY).findings
        spans = [(f.start, f.end) for f in findings]
        cases.append((case, spans))
        wrong = [f for f in findings if not any(overlaps((f.start, f.end), s) for s in case.spans)]
        if not case.spans:
            clean += 1
            blocked += any(f.tier is Tier.BLOCK for f in findings)
            by_rule.update(f.rule for f in wrong)
        for span in case.spans if misses else ():
            if not covered(case.text, span, spans):
                say(
                    miss="part" if any(overlaps(f, span) for f in spans) else "untouched",
                    id=case.id,
                    kind=span.category,
                    text=case.text[span.start : span.end],
                    near=case.text[max(0, span.start - 40) : span.end + 15],
                )
        for f in wrong if alarms and (not case.spans or name != "presidio_dev") else ():
            say(
                alarm=f.rule,
                clean=not case.spans,
                tier=f.tier,
                id=case.id,
                text=case.text[f.start : f.end],
                near=case.text[max(0, f.start - 30) : f.end + 15],
            )
    score("caseround", name, cases)
    if clean:
        rules = dict(by_rule.most_common(8))
        say(corpus=name, clean_blocked=round(blocked / clean, 3), by_rule=rules)


def beside(sets: dict[str, list[corpus.Text]]) -> None:
    """Measure Presidio, and us again, on the English texts of every corpus, one after the other."""
    python = os.environ.get("CASEROUND_PRESIDIO_PYTHON", sys.executable)
    english = {name: [t for t in texts if t.lang == "en"] for name, texts in sets.items()}
    asked = [
        {"id": f"{name}/{i}", "text": t.text}
        for name, texts in english.items()
        for i, t in enumerate(texts)
    ]
    run = subprocess.run(
        [python, str(PRESIDIO)],
        input="".join(json.dumps(case) + "\n" for case in asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode == SKIPPED:
        say(tool="presidio", skipped=HOW)
        return
    if run.returncode:
        say(tool="presidio", failed=run.stderr.strip().splitlines()[-1:])
        return
    answers = {case["id"]: case for case in map(json.loads, run.stdout.splitlines())}
    for name, texts in english.items():
        if texts:
            mine = [scan(t.text, "en", TODAY).findings for t in texts]
            spans = [[(f.start, f.end) for f in found] for found in mine]
            score("caseround", f"{name}, English", list(zip(texts, spans, strict=True)))
            theirs = [
                [(start, end) for start, end in answers[f"{name}/{i}"]["findings"]]
                for i in range(len(texts))
            ]
            score("presidio", f"{name}, English", list(zip(texts, theirs, strict=True)))
    took = sorted(case["ms"] for case in answers.values())
    letters = sum(len(case["text"]) for case in asked)
    say(
        tool="presidio",
        texts=len(took),
        ms_per_1000_chars=round(sum(took) / letters * 1000, 1),
        p95_ms=round(took[int(len(took) * 0.95)], 1),
    )


def speed(name: str, texts: Sequence[corpus.Text]) -> None:
    for case in texts[:1]:
        scan(case.text, case.lang, TODAY)
    took = []
    for case in texts:
        begin = time.perf_counter()
        scan(case.text, case.lang, TODAY)
        took.append((time.perf_counter() - begin) * 1000)
    took.sort()
    letters = sum(len(case.text) for case in texts)
    say(
        speed=name,
        texts=len(texts),
        characters=letters // len(texts),
        ms_per_1000_chars=round(sum(took) / letters * 1000, 2),
        p95_ms=round(took[int(len(took) * 0.95)], 2),
    )


HOSTILE = {
    "a": "a", "digits": "1", "blanks": " ", "words": "word ", "capitals": "Word ", "slashes": "3/", "dashes": "1-",
    "dots": "a.", "at": "a@", "quotes": '"', "mrn": "MRN ", "his sister": "his sister ", "phq": "PHQ-9 ", "hyphens": "a-",
    "calle": "calle ", "de la": "de la ", "l'": "l'",
}  # fmt: skip


def costs(sets: dict[str, list[corpus.Text]]) -> None:
    """Print times, on our own texts, on long ones and on hostile ones, and memory."""
    for lang in ("en", "es", "fr"):
        own = [t for texts in sets.values() for t in texts if t.lang == lang]
        speed(f"every text, {lang}", own)
        joined = "\n".join(t.text for t in own)
        long = [joined[i : i + 4000] for i in range(0, len(joined) - 4000, 4000)]
        speed(f"4,000 characters, {lang}", [corpus.Text("", lang, text, ()) for text in long])
    for lang in ("en", "es", "fr"):
        for name, piece in HOSTILE.items():
            text = (piece * 50_000)[:50_000]
            begin = time.perf_counter()
            scan(text, lang, TODAY)
            took = round((time.perf_counter() - begin) * 1000, 1)
            say(hostile=name, lang=lang, characters=len(text), ms=took)
    say(memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "folder", nargs="?", type=Path, default=os.environ.get("CASEROUND_DEID_CORPORA")
    )
    parser.add_argument("--only", action="append")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--alarms", action="store_true")
    parser.add_argument("--presidio", action="store_true", help="Presidio beside us.")
    args = parser.parse_args()
    sets = {file.stem: corpus.ours(file) for file in sorted(corpus.HERE.glob("*.txt"))}
    for lang in ("es", "fr"):
        own = [t for texts in sets.values() for t in texts if t.lang == lang]
        sets[f"own, {lang}"] = own
    if args.folder:
        sets |= {
            file.stem: corpus.theirs(file) for file in sorted(Path(args.folder).glob("*.json"))
        }
    chosen = {name: sets[name] for name in sets if args.only is None or name in args.only}
    for name, texts in chosen.items():
        blind = name.startswith("blind")
        ours(name, texts, misses=args.misses and not blind, alarms=args.alarms and not blind)
    if args.presidio:
        beside(chosen)
    if args.only is None:
        costs({name: texts for name, texts in sets.items() if not name.startswith("own,")})


if __name__ == "__main__":
    main()
