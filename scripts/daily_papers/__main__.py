"""`python -m daily_papers`."""

import sys

from daily_papers.cli import main

sys.exit(main())
