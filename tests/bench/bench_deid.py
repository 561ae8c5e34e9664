"""Measures the identifier check on development corpora; prints JSON lines.

    python tests/bench/bench_deid.py FOLDER        (or CASEROUND_DEID_CORPORA=FOLDER)

The folder holds asq_dev.json and mts_clean.json in the form
[{"id", "text", "spans": [{"start", "end", "category", "text"}]}], offsets in code points.
"Touched" counts a planted span as found when any finding overlaps it; "covered" when every letter
and digit of it lies in a finding. Development figures: the labels are other people's.
With --misses the missed spans and the false alarms of the corpora are listed (invented text only).
"""

import json
import os
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from server.deid.detect import scan
from server.deid.models import Finding, Tier

TODAY = date(2026, 11, 24)
STRUCTURED = {
    "DATE", "MEDICAL_RECORD_NUMBER", "HEALTH_PLAN_BENEFICIARY_NUMBER", "PHONE_NUMBER", "FAX_NUMBER",
    "SOCIAL_SECURITY_NUMBER", "EMAIL_ADDRESS", "ACCOUNT_NUMBER", "CERTIFICATE_LICENSE_NUMBER",
    "UNIQUE_IDENTIFIER", "FECHAS", "CORREO_ELECTRONICO", "NUMERO_TELEFONO", "NUMERO_FAX",
    "STREET_ADDRESS", "US_SSN", "IP_ADDRESS", "ZIP_CODE", "DOMAIN_NAME", "CALLE",
    "ID_SUJETO_ASISTENCIA", "ID_ASEGURAMIENTO", "ID_TITULACION_PERSONAL_SANITARIO",
    "CREDIT_CARD", "IBAN_CODE", "US_DRIVER_LICENSE",
}  # fmt: skip
NOT_IDENTIFIERS = {
    "EDAD_SUJETO_ASISTENCIA",
    "SEXO_SUJETO_ASISTENCIA",
    "PAIS",
    "AGE",
    "NRP",
    "TITLE",
}
"""Labels of these corpora that Safe Harbor does not ask to remove (ages up to 89, sex, country)."""


def say(**facts: object) -> None:
    print(json.dumps(facts, ensure_ascii=False))


def covered(text: str, start: int, end: int, findings: tuple[Finding, ...]) -> bool:
    return all(
        any(f.start <= i < f.end for f in findings) for i in range(start, end) if text[i].isalnum()
    )


def recall(path: Path, lang: str, *, misses: bool) -> None:
    total, touched, full = Counter(), Counter(), Counter()
    documents = whole = alarms = clean = flagged = 0
    for case in json.loads(path.read_text("utf-8")):
        findings = scan(case["text"], lang, TODAY).findings
        spans = [s for s in case["spans"] if s["category"] not in NOT_IDENTIFIERS]
        missed = False
        for span in spans:
            kind = span["category"]
            total[kind] += 1
            if any(f.start < span["end"] and span["start"] < f.end for f in findings):
                touched[kind] += 1
            else:
                missed = True
                if misses:
                    say(
                        miss=kind,
                        text=span["text"],
                        near=case["text"][max(0, span["start"] - 30) : span["end"] + 10],
                    )
            full[kind] += covered(case["text"], span["start"], span["end"], findings)
        documents += bool(spans)
        whole += bool(spans) and not missed
        if not case["spans"]:
            clean += 1
            alarms += len(findings)
            flagged += bool(findings)
            if misses:
                for f in findings:
                    say(
                        alarm=f.rule,
                        tier=f.tier,
                        text=case["text"][f.start : f.end],
                        near=case["text"][max(0, f.start - 25) : f.end + 25],
                    )
    for kind in sorted(total):
        say(
            corpus=path.stem,
            label=kind,
            planted=total[kind],
            touched=round(touched[kind] / total[kind], 3),
            covered=round(full[kind] / total[kind], 3),
        )
    for name, kinds in (("structured", STRUCTURED & set(total)), ("all", set(total))):
        n = sum(total[k] for k in kinds)
        if n:
            say(
                corpus=path.stem,
                label=name,
                planted=n,
                touched=round(sum(touched[k] for k in kinds) / n, 3),
                covered=round(sum(full[k] for k in kinds) / n, 3),
            )
    if documents:
        say(corpus=path.stem, documents=documents, every_span_touched=round(whole / documents, 3))
    if clean:
        say(
            corpus=path.stem,
            clean_cases=clean,
            false_alarms_per_clean_case=round(alarms / clean, 3),
            clean_cases_flagged=round(flagged / clean, 3),
        )


def clean_notes(path: Path, *, misses: bool) -> None:
    cases = json.loads(path.read_text("utf-8"))
    alarms, blocks = Counter(), Counter()
    flagged = blocked = 0
    for case in cases:
        findings = scan(case["text"], "en", TODAY).findings
        flagged += bool(findings)
        blocked += any(f.tier is Tier.BLOCK for f in findings)
        for f in findings:
            alarms[f.rule] += 1
            blocks[f.rule] += f.tier is Tier.BLOCK
            if misses:
                say(
                    alarm=f.rule,
                    tier=f.tier,
                    text=case["text"][f.start : f.end],
                    near=case["text"][max(0, f.start - 25) : f.end + 25],
                )
    say(
        corpus=path.stem,
        clean_cases=len(cases),
        false_alarms_per_clean_case=round(alarms.total() / len(cases), 3),
        clean_cases_flagged=round(flagged / len(cases), 3),
        false_blocks_per_clean_case=round(blocks.total() / len(cases), 3),
        clean_cases_blocked=round(blocked / len(cases), 3),
        by_rule=dict(alarms.most_common(12)),
    )


def speed(name: str, texts: list[str]) -> None:
    scan("warm", "en", TODAY)
    times = []
    for text in texts:
        begin = time.process_time()
        scan(text, "en", TODAY)
        times.append(time.process_time() - begin)
    characters = sum(map(len, texts))
    times.sort()
    say(
        speed=name,
        texts=len(texts),
        ms_per_1000_chars=round(sum(times) * 1e6 / characters, 2),
        p95_ms=round(times[int(len(times) * 0.95)] * 1000, 2),
    )


def hostile() -> None:
    for name, unit in {
        "a": "a",
        "digits": "1",
        "blanks": " ",
        "words": "ab ",
        "capitals": "Ab ",
        "slashes": "1/",
        "dashes": "1-",
        "dots": "a.",
        "at": "a@",
        "quotes": "'",
        "mrn": "mrn: ",
        "his sister": "his sister ",
        "phq": "phq 9 was ",
    }.items():
        for length in (25_000, 50_000):
            text = (unit * length)[:length]
            begin = time.process_time()
            scan(text, "en", TODAY)
            say(hostile=name, characters=length, ms=round((time.process_time() - begin) * 1000, 1))


def main() -> None:
    arguments = [a for a in sys.argv[1:] if not a.startswith("--")]
    misses = "--misses" in sys.argv
    folder = Path(arguments[0] if arguments else os.environ.get("CASEROUND_DEID_CORPORA", ""))
    if (folder / "asq_dev.json").is_file():
        recall(folder / "asq_dev.json", "en", misses=misses)
        clean_notes(folder / "mts_clean.json", misses=misses)
        for name, lang in (("meddocan_dev40_es", "es"), ("presidio_dev", "en")):
            if (folder / f"{name}.json").is_file():
                recall(folder / f"{name}.json", lang, misses=misses)
        notes = [c["text"] for c in json.loads((folder / "mts_clean.json").read_text("utf-8"))]
        speed("mts_clean", notes)
        speed(
            "mts_clean in cases of 4,000 characters",
            ["\n".join(notes)[i : i + 4000] for i in range(0, 80_000, 4000)],
        )
    else:
        say(skipped="no corpora: give the folder or set CASEROUND_DEID_CORPORA")
    hostile()


if __name__ == "__main__":
    main()
