"""Measures the identifier check on development texts; prints JSON lines.

    python tests/bench/bench_deid.py [OTHERS-FOLDER] [--only NAME] [--misses] [--alarms]

Reads our own texts (tests/corpora/deid) and, when a folder is given (or
CASEROUND_DEID_CORPORA), the corpora of other people in it. "Touched" counts a planted span as
found when any finding overlaps it; "covered" when every letter and digit of it lies in a
finding. Development figures: the word model has seen these texts unless it was trained with
--held (tests/tools/deid/train.py). With --misses and --alarms single spots are listed
(invented texts only).
"""

import argparse
import json
import os
import resource
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from server.deid.detect import scan
from server.deid.models import Finding, Tier
from tests.tools.deid import corpus

TODAY = date(2026, 11, 24)


def say(**facts: object) -> None:
    print(json.dumps(facts, ensure_ascii=False))


def covered(text: str, start: int, end: int, findings: tuple[Finding, ...]) -> bool:
    return all(
        any(f.start <= i < f.end for f in findings) for i in range(start, end) if text[i].isalnum()
    )


def recall(name: str, texts: list[corpus.Text], *, misses: bool, alarms: bool) -> None:
    total: Counter[str] = Counter()
    touched: Counter[str] = Counter()
    full: Counter[str] = Counter()
    documents = whole = whole_covered = false = clean = flagged = blocked = extra = 0
    by_rule: Counter[str] = Counter()
    for case in texts:
        findings = scan(case.text, case.lang, TODAY).findings
        all_touched = all_covered = True
        for span in case.spans:
            kinds = (
                span.category,
                "all",
                *(("structured",) if span.category in corpus.NUMBERS else ()),
            )
            hit = any(f.start < span.end and span.start < f.end for f in findings)
            cover = hit and covered(case.text, span.start, span.end, findings)
            for kind in kinds:
                total[kind] += 1
                touched[kind] += hit
                full[kind] += cover
            all_touched &= hit
            all_covered &= cover
            if misses and not cover:
                near = case.text[max(0, span.start - 40) : span.end + 15]
                say(
                    miss="untouched" if not hit else "part",
                    id=case.id,
                    kind=span.category,
                    text=case.text[span.start : span.end],
                    near=near,
                )
        wrong = [
            f for f in findings if not any(f.start < s.end and s.start < f.end for s in case.spans)
        ]
        if case.spans:
            documents += 1
            whole += all_touched
            whole_covered += all_covered
            extra += len(wrong)
        else:
            clean += 1
            false += len(findings)
            flagged += bool(findings)
            blocked += any(f.tier is Tier.BLOCK for f in findings)
        if not case.spans:
            by_rule.update(f.rule for f in wrong)
        if alarms and (not case.spans or name != "presidio_dev"):
            for f in wrong:
                say(
                    alarm=f.rule,
                    clean=not case.spans,
                    tier=f.tier,
                    id=case.id,
                    text=case.text[f.start : f.end],
                    near=case.text[max(0, f.start - 30) : f.end + 15],
                )
    for kind in sorted(total):
        say(
            corpus=name,
            kind=kind,
            planted=total[kind],
            touched=round(touched[kind] / total[kind], 3),
            covered=round(full[kind] / total[kind], 3),
        )
    if documents:
        say(
            corpus=name,
            documents=documents,
            every_span_touched=round(whole / documents, 3),
            every_span_covered=round(whole_covered / documents, 3),
            other_findings_per_document=round(extra / documents, 2),
        )
    if clean:
        say(
            corpus=name,
            clean=clean,
            alarms_per_clean=round(false / clean, 3),
            clean_flagged=round(flagged / clean, 3),
            clean_blocked=round(blocked / clean, 3),
            by_rule=dict(by_rule.most_common(8)),
        )


def speed(name: str, texts: list[str]) -> None:
    scan(texts[0], "en", TODAY)
    took = []
    for text in texts:
        begin = time.perf_counter()
        scan(text, "en", TODAY)
        took.append((time.perf_counter() - begin) * 1000)
    took.sort()
    say(
        speed=name,
        texts=len(texts),
        characters=sum(map(len, texts)) // len(texts),
        ms_per_1000_chars=round(sum(took) / sum(map(len, texts)) * 1000, 2),
        p95_ms=round(took[int(len(took) * 0.95)], 2),
    )


HOSTILE = {
    "a": "a", "digits": "1", "blanks": " ", "words": "word ", "capitals": "Word ", "slashes": "3/", "dashes": "1-",
    "dots": "a.", "at": "a@", "quotes": '"', "mrn": "MRN ", "his sister": "his sister ", "phq": "PHQ-9 ", "hyphens": "a-",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "folder", nargs="?", type=Path, default=os.environ.get("CASEROUND_DEID_CORPORA")
    )
    parser.add_argument("--only", action="append")
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--alarms", action="store_true")
    args = parser.parse_args()
    sets = {file.stem: corpus.ours(file) for file in sorted(corpus.HERE.glob("*.txt"))}
    if args.folder:
        sets |= {
            file.stem: corpus.theirs(file) for file in sorted(Path(args.folder).glob("*.json"))
        }
    for name, texts in sets.items():
        if args.only is None or name in args.only:
            recall(name, texts, misses=args.misses, alarms=args.alarms)
    if args.only:
        return
    own = [t.text for texts in sets.values() for t in texts]
    speed("every text", own)
    joined = "\n".join(own)
    speed(
        "cases of 4,000 characters",
        [joined[i : i + 4000] for i in range(0, len(joined) - 4000, 4000)],
    )
    for name, piece in HOSTILE.items():
        text = (piece * 50_000)[:50_000]
        begin = time.perf_counter()
        scan(text, "en", TODAY)
        say(hostile=name, characters=len(text), ms=round((time.perf_counter() - begin) * 1000, 1))
    say(memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    main()
