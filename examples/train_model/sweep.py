"""Train every model with several learning rates and seeds, one recorded run for each combination.

    python examples/train_model/sweep.py --task_name wine --seeds 0 1 2 3 4

All runs happen in this process, by the `train` function of `run.py`. A run that fails is recorded as
failed, the others go on, and the sweep ends with exit code 1.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from modellab import compare
from modellab.settings import load_settings

if TYPE_CHECKING:  # type checkers start at the project's root and see the module by its full name
    from examples.train_model.run import CHECKPOINTS, LOSSES, TASKS, check_arguments, make_folder, train
else:  # a script's own folder is where Python looks first
    from run import CHECKPOINTS, LOSSES, TASKS, check_arguments, make_folder, train


class Trial(NamedTuple):
    """One combination and what became of it: the final metrics, or the error that ended it."""

    model_name: str
    learning_rate: float
    seed: int
    metrics: dict[str, float]
    run_id: str = ""
    error: str = ""

    def __str__(self) -> str:
        outcome = self.error or f"accuracy {self.metrics['accuracy']:.3f}"
        return f"{self.model_name}, learning rate {self.learning_rate:g}, seed {self.seed}: {outcome}"


def train_all(options: argparse.Namespace) -> Iterator[Trial]:
    """Train one combination after another, and yield each when it is over."""
    for model_name, learning_rate, seed in product(options.models, options.learning_rates, options.seeds):
        try:
            result = train(
                experiment_name=options.experiment_name,
                model_name=model_name,
                task_name=options.task_name,
                dataset_id=f"sklearn/{options.task_name}",
                n_epochs=options.n_epochs,
                learning_rate=learning_rate,
                seed=seed,
                output_dir=options.output_dir,
            )
        except Exception as error:  # whatever went wrong in one run, the others are worth having
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
            yield Trial(model_name, learning_rate, seed, {}, error=reason)
        else:
            yield Trial(model_name, learning_rate, seed, result["final_metrics"], result["run_id"])


def show_progress(trials: Iterator[Trial], total: int, console: Console) -> list[Trial]:
    """The trials, once all are over; meanwhile a progress bar, or lines when not on a terminal."""
    if not console.is_terminal:
        finished = []
        for number, trial in enumerate(trials, start=1):
            console.print(f"[{number}/{total}] {trial}", soft_wrap=True)
            finished.append(trial)
        return finished
    with Progress(console=console) as progress:
        return list(progress.track(trials, total=total, description="Training"))


def summarise(trials: Sequence[Trial]) -> Table:
    """A table with the spread over seeds for each model and learning rate."""
    table = Table(title="Test scores: mean ± standard deviation over seeds")
    for heading in ("model", "learning rate", "seeds", "accuracy", "macro F1"):
        table.add_column(heading, justify="left" if heading == "model" else "right")
    for model_name, learning_rate in dict.fromkeys(trial[:2] for trial in trials):
        same = [trial for trial in trials if trial[:2] == (model_name, learning_rate)]
        scores = [trial.metrics for trial in same if not trial.error]
        spreads = [format_spread([score[name] for score in scores]) for name in ("accuracy", "macro_f1")]
        table.add_row(model_name, f"{learning_rate:g}", str(len(scores)), *spreads)
    return table


def format_spread(values: Sequence[float]) -> str:
    """`mean ± standard deviation` (n - 1 in the denominator); one value stands alone, none is a dash."""
    if len(values) < 2:
        return f"{values[0]:.3f}" if values else "-"
    return f"{statistics.fmean(values):.3f} ± {statistics.stdev(values):.3f}"


def judge(trials: Sequence[Trial]) -> Sequence[str]:
    """Whether the two best combinations of model and learning rate differ in accuracy over their seeds."""
    by_combination: dict[tuple[str, float], list[Trial]] = {}
    for trial in trials:
        if not trial.error:
            by_combination.setdefault((trial.model_name, trial.learning_rate), []).append(trial)
    ranked = sorted(by_combination.items(), key=lambda same: measure_accuracy(same[1]), reverse=True)
    if len(ranked) < 2:
        return []
    run_ids = [trial.run_id for _, same in reversed(ranked[:2]) for trial in same]
    return compare(*run_ids, metric="accuracy").sentences


def measure_accuracy(trials: Sequence[Trial]) -> float:
    """The mean accuracy on the test samples."""
    return statistics.fmean(trial.metrics["accuracy"] for trial in trials)


def name_store() -> str:
    """Where runs are kept, by the settings in force; an address with a password is not shown."""
    settings = load_settings()
    return "the database of MODELLAB_DATABASE_URL" if settings.database_url else str(settings.db_path)


def parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line, checked; a wrong one ends the program with exit code 2."""
    parser = argparse.ArgumentParser(
        description="Train every model with several learning rates and seeds; record every run.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--experiment_name", default="sweep", help="what the runs are part of")
    add("--task_name", choices=TASKS, default="digits", help="the data")
    add("--models", nargs="+", choices=LOSSES, default=list(LOSSES), metavar="MODEL", help="models")
    add("--learning_rates", nargs="+", type=float, default=[0.001, 0.01], help="sizes of a gradient step")
    add(
        "--seeds",
        nargs="+",
        type=int,
        default=[0, 1, 2, 3],
        help="validation samples, orders of the rest",
    )
    add("--n_epochs", type=int, default=10, help="passes over the training samples")
    add("--output_dir", type=Path, default=CHECKPOINTS, help="folder for the metrics and the models")
    options = parser.parse_args(argv)
    for name in ("models", "learning_rates", "seeds"):  # the same value twice would count as two seeds
        setattr(options, name, list(dict.fromkeys(getattr(options, name))))
    try:
        for learning_rate, seed in product(options.learning_rates, options.seeds):
            check_arguments(options.n_epochs, learning_rate, seed)
        options.output_dir = make_folder(options.output_dir)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    return options


def main(argv: Sequence[str] | None = None) -> int:
    """Run the sweep, and return the exit code: 1 if a run failed, else 0."""
    options = parse_options(argv)
    started = time.perf_counter()
    # Named here, before the runs: each puts its own recorder of printed lines in place of sys.stdout.
    console = Console(file=sys.stdout, markup=False, highlight=False)
    total = len(options.models) * len(options.learning_rates) * len(options.seeds)
    trials = show_progress(train_all(options), total, console)
    console.print(summarise(trials))
    console.print(f"{total} runs on {options.task_name} in {time.perf_counter() - started:.1f} s")
    console.print(f"The runs are in {name_store()}", soft_wrap=True)
    for sentence in judge(trials):
        console.print(sentence, soft_wrap=True)
    if failed := [trial for trial in trials if trial.error]:
        console.print(f"{len(failed)} of {total} runs failed:")
        for trial in failed:
            console.print(f"  {trial}", soft_wrap=True)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # the run in progress is recorded as failed, those before it are complete
        sys.exit(130)
