"""`modellab search`, `modellab similar` and `modellab suggest`."""

from __future__ import annotations

import click

from modellab.cli.access import current_settings, db_option, find_run, open_collected
from modellab.errors import InvalidInput
from modellab.records import RunFilter
from modellab.records.search import MAX_FOUND, SEARCH_KINDS, SearchKind
from modellab.records.similar import MAX_SIMILAR
from modellab.records.suggestions import MAX_SUGGESTIONS
from modellab.tracking.evaluations import INSTALL_HINT, list_missing_packages

_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")


@click.command("search", short_help="Find runs, datasets and projects by words.")
@db_option(hidden=True)
@click.argument("text", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(SEARCH_KINDS), help="Only of this kind.")
@click.option("--where", metavar="QUERY", help="Runs for which this text of the query language holds.")
@click.option("--project", metavar="ID", help="Of this project.")
@click.option(
    "--limit", type=click.IntRange(1, MAX_FOUND), default=20, show_default=True, help="At most so many."
)
@_json_option
def search_words(
    text: tuple[str, ...],
    kind: SearchKind | None,
    where: str | None,
    project: str | None,
    limit: int,
    as_json: bool,
) -> None:
    """Find what has all the words of TEXT in its names, params, tags, notes, datasets or errors, best first.

    The last word may go on. Quotes hold a phrase together; all other characters are just text. With
    MODELLAB_EMBEDDINGS_URL set, runs are also found by what their texts mean.

    \b
    Examples:
      modellab search resnet warmup
      modellab search '"learning rate" cosine' --where 'metrics.accuracy > 0.9'
      modellab search iris --kind dataset
    """
    from modellab.retrieval.embedding import find_embedder
    from modellab.retrieval.find import find
    from modellab.retrieval.meanings import Meanings

    embedder = find_embedder(current_settings())
    with open_collected() as store:
        found = find(
            store,
            " ".join(text),
            RunFilter(project_id=project, query=where),
            kind=kind,
            limit=limit,
            meanings=None if embedder is None else Meanings(store, embedder),
        )
    from modellab.cli.search_page import print_found

    if as_json:
        from modellab.cli.output import print_json

        print_json(found)
        return
    print_found(found)


@click.command("similar", short_help="Find runs like one, and why.")
@db_option(hidden=True)
@click.argument("run")
@click.option(
    "--limit", type=click.IntRange(1, MAX_SIMILAR), default=10, show_default=True, help="At most so many."
)
@_json_option
def show_similar(run: str, limit: int, as_json: bool) -> None:
    """Find the runs most like RUN, nearest first: by params, metrics, data, function and commit.

    RUN is an id, a unique beginning or ending of one, `latest` or `latest~1`. A distance of 0 is the same, 1
    is nothing in common.

    \b
    Examples:
      modellab similar latest
      modellab similar 9b7d3586 --limit 3
    """
    from modellab.comparison.similar import find_similar

    with open_collected() as store:
        found = find_similar(store, find_run(store, run), limit=limit)
    if as_json:
        from modellab.cli.output import print_json

        print_json(found)
        return
    from modellab.cli.search_page import print_similar

    print_similar(found)


@click.command("suggest", short_help="Suggest hyperparameters to try next.")
@db_option(hidden=True)
@click.argument("metric")
@click.option("--where", metavar="QUERY", help="Learn from runs for which this text holds.")
@click.option("--project", metavar="ID", help="Learn from runs of this project.")
@click.option(
    "-n", type=click.IntRange(1, MAX_SUGGESTIONS), default=3, show_default=True, help="So many suggestions."
)
@click.option("--seed", type=click.IntRange(0, 2**31), default=0, help="Another seed, other tries.")
@click.option("--lower-is-better", is_flag=True, help="For a metric whose name does not say so.")
@click.option("--higher-is-better", is_flag=True, help="The other way round.")
@_json_option
def suggest_next(
    metric: str,
    where: str | None,
    project: str | None,
    n: int,
    seed: int,
    lower_is_better: bool,
    higher_is_better: bool,
    as_json: bool,
) -> None:
    """Suggest params for better values of METRIC, learned from completed runs by a Gaussian process.

    Tells how many runs stand behind it, the best so far, and within what 90 of 100 such runs are expected.
    With fewer than 8 runs, or where no param varies, it says so and suggests nothing.

    \b
    Examples:
      modellab suggest accuracy
      modellab suggest val_loss -n 5 --where 'params.model = "resnet18"'
    """
    if lower_is_better and higher_is_better:
        raise InvalidInput("--lower-is-better and --higher-is-better exclude each other.")
    if missing := list_missing_packages():
        raise InvalidInput(f"{', '.join(missing)} not installed here.", hint=INSTALL_HINT)
    from modellab.comparison.suggestion import suggest_params  # late: brings NumPy

    with open_collected() as store:
        found = suggest_params(
            store,
            RunFilter(project_id=project, query=where),
            metric=metric,
            n=n,
            seed=seed,
            higher_is_better=True if higher_is_better else False if lower_is_better else None,
        )
    if as_json:
        from modellab.cli.output import print_json

        print_json(found)
        return
    from modellab.cli.search_page import print_suggestions

    print_suggestions(found)
