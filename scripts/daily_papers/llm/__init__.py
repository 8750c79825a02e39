"""Texts by a language model, where one is switched on; docs/model.md describes them for users.

`enrich_papers.py` is the way in. `choose_questions.py` chooses the questions, `ask_questions.py`
asks them, `prompts.py` writes them, `chat_endpoint.py` sends them. `answer_schemas.py` and
`check_answers.py` check the answers, the latter with the other `check_` modules, and
`answer_journal.py` keeps each as it comes. `commands/try_model.py` asks about one paper.
"""
