"""What a language model adds to the papers, where one is switched on: asked, judged, kept.

`night.py` is the way in. The questions are in `plan.py` (which, in which order) and `prompts.py`
(their words), the answers in `schemas.py` (their shape) and `gate.py` (whether they are fit to be
shown), the network in `endpoint.py` and `first_page.py`, and `journal.py` keeps each answer as it
comes. docs/model.md tells users.
"""
