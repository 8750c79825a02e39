"""`python -m daily_papers`."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - run from a checkout, nothing else has looked
    sys.exit("daily-papers needs Python 3.11 or later, and this is " + sys.version.split()[0])

from daily_papers.cli import main

sys.exit(main())
