"""Prints what a new case asks of its presenter, by module, as JSON lines: a keystroke estimate.

    python tests/bench/bench_form.py

The times of single acts are those of Card, Moran and Newell 1980 (cases/rules/effort.py): what
the hand does, without the thinking. Targets: at most 35 answers, at most 3 of them typed, ten
minutes.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cases.rules.effort import of_new_case
from cases.rules.fields import Module
from cases.rules.form import assemble
from cases.rules.form_setup import FormSetup

PROGRAMMES = {
    **{module.value: (module,) for module in Module},
    "sud and hcv": (Module.SUD, Module.HCV),
    "core only": (),
}


def main() -> None:
    for name, modules in PROGRAMMES.items():
        found = of_new_case(assemble(FormSetup(modules=modules)))
        print(
            json.dumps(
                {
                    "bench": "case_form",
                    "modules": name,
                    "answers": found.answers,
                    "typed_texts": found.typed,
                    "minutes": round(found.seconds / 60, 1),
                }
            )
        )


if __name__ == "__main__":
    main()
