"""Ask the assistant of a running server a few questions, and print each status and answer.

modellab serve
python scripts/test_agent.py
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from modellab.client.connection import Connection
from modellab.errors import ModelLabError
from modellab.settings import load_settings

QUESTIONS = (
    "Which run has the highest accuracy?",
    "Compare those two.",
    "Why did the last run fail?",
    "How did the loss of the latest run go?",
    "What can you do?",
)
"""The second goes back to the answer before it."""
MAX_TURNS = 20
"""Answers before that a server takes along with a question."""
DEFAULT_URL = "http://127.0.0.1:8000"


def ask(connection: Connection, question: str, turns: Sequence[dict[str, Any]]) -> tuple[int, dict[str, Any]]:
    """The status and the parsed answer, or problem, for one question."""
    body = json.dumps({"query": question, "conversation": turns}).encode()
    answer = connection.ask("POST", "/agent/query", body=body)
    try:
        return answer.status, json.loads(answer.body)
    except ValueError:
        return answer.status, {"detail": answer.body[:200].decode(errors="replace")}


def main(argv: Sequence[str] | None = None) -> None:
    """Ask all questions; exits with 1 if one of them got no answer."""
    parser = argparse.ArgumentParser(
        description="Ask the assistant of a running server questions, each in the light of those before, and "
        "print each status with its answer: in words, then as JSON. Exits with 1 if one got no answer.",
        epilog='For example: python scripts/test_agent.py "best accuracy" "and the worst?"',
    )
    parser.add_argument(
        "--url", help=f"the server (default: MODELLAB_API_URL, or {DEFAULT_URL}); MODELLAB_API_KEY is its key"
    )
    parser.add_argument("questions", nargs="*", default=QUESTIONS, help="questions instead of the usual ones")
    options = parser.parse_args(argv)
    failed = False
    try:
        settings = load_settings(api_url=options.url or os.environ.get("MODELLAB_API_URL") or DEFAULT_URL)
        assert settings.api_url is not None
        connection = Connection(settings.api_url, settings.api_key, timeout_s=120)
        turns: list[dict[str, Any]] = []
        for question in options.questions:
            status, answer = ask(connection, question, turns[-MAX_TURNS:])
            print(f"QUESTION: {question}\nSTATUS: {status}")
            print(f"ANSWER: {answer.get('natural_language_answer', answer.get('detail'))}")
            print(json.dumps(answer, indent=2, ensure_ascii=False), end="\n\n")
            failed = failed or status != 200
            if status == 200:
                turns.append({"question": question, **answer})
    except ModelLabError as error:
        sys.exit(str(error))
    sys.exit(failed)


if __name__ == "__main__":
    main()
