"""Whether this is the long run (`make hostile`): the same tests with full numbers and patience."""

import os

LONG = os.environ.get("CASEROUND_HOSTILE") == "long"
