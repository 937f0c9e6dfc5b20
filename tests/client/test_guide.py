from __future__ import annotations

import re
from pathlib import Path
from typing import Any

GUIDE = Path(__file__).parents[2] / "docs/guides/log-from-another-machine.md"


def test_the_code_of_the_guide_runs_against_a_server(server: Any, machine: Any) -> None:
    code = "\n".join(re.findall(r"^```python\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE))
    assert "mlk_" not in code  # what is written into code is recorded with it
    assert machine.run(f"{code}\nassert len(best) == len(table) == 1 and len(points) == 100\n") == ""
    assert [run.name for run in server.store.runs.list().items] == ["baseline"]
