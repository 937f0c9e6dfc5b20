"""`modellab dashboard`: the Streamlit page that people change to their liking."""

from __future__ import annotations

from pathlib import Path

import click

from modellab.errors import InvalidInput, NotFound

_PACKAGE = Path(__file__).resolve().parents[1]


@click.command("dashboard", short_help="Write a Streamlit dashboard to change, stream.py.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="stream.py")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def write_dashboard(file: Path, force: bool) -> None:
    """Write FILE, a dashboard of Streamlit with four tabs, to be changed.

    It asks a server over HTTP. The web app of `modellab serve` needs none of it.

    \b
    Example:
      modellab dashboard
      streamlit run stream.py
    """
    text = _find_page().read_text(encoding="utf-8")
    try:
        with file.open("w" if force else "x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except FileExistsError:
        raise InvalidInput(f"{file} is there already.", hint="--force replaces it.") from None
    except OSError as error:
        raise InvalidInput(f"{file} cannot be written: {error.strerror}.") from error
    click.echo(f"{file}\n\nTry, with `modellab serve` in another terminal:")
    click.echo(f"  pip install 'modellab[dashboard]'\n  streamlit run {file}")


def _find_page() -> Path:
    """The page in an installed package, or in a checkout."""
    for path in (_PACKAGE / "examples" / "stream.py", _PACKAGE.parents[1] / "stream.py"):
        if path.is_file():
            return path
    raise NotFound("The dashboard is not there.", hint="pip install --force-reinstall modellab")
