"""Answers the usual questions without a model: question, plan, tool calls, words.

`question.py` is the text and what is still unread of it. `filters.py`, `mentions.py` and `intents.py` read
it, `plan.py` puts together what was read, and the `answers_*` modules carry plans out. What cannot be read is
said so: a wrong answer is worse than none.
"""

from __future__ import annotations
