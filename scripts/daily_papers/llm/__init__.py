"""Texts by a language model, where one is switched on; docs/model.md describes them for users.

`run.py` checks the configuration, `ask.py` asks. `which_papers.py` chooses the questions,
`prompts.py` writes them, `endpoint.py` sends them. `schemas.py` and `gate.py` check the answers,
and `journal.py` keeps each as it comes.
"""
