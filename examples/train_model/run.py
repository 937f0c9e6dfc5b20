"""Train a linear classifier on data that comes with scikit-learn, and record the run with ModelLab.

    python examples/train_model/run.py --experiment_name iris_svm --model_name linear_svm --n_epochs 30

`@log_run()` above `train` is all that recording takes: the arguments become the run's params, the
returned metrics and files its final metrics and artifacts. Two more lines say how good the model is, with
intervals, and how fast: `log_evaluation` and `log_latency`.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import joblib
import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, f1_score, log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler, label_binarize

from modellab import current_run, log_run, profile_latency

TASKS = {"digits": load_digits, "wine": load_wine, "breast_cancer": load_breast_cancer, "iris": load_iris}
LOSSES = {"logistic_regression": "log_loss", "linear_svm": "hinge", "perceptron": "perceptron"}
"""The loss that `SGDClassifier` minimises for each model."""
TEST_SEED = 0
"""Draws the test samples, whatever the seed of a run is."""
CHECKPOINTS = Path(__file__).resolve().parent / "checkpoints"


class Samples(NamedTuple):
    """A part of a data set: for each sample a row of features, a label, and its place in the whole."""

    features: NDArray[np.float64]
    labels: NDArray[np.int64]
    rows: NDArray[np.int64]


@log_run()
def train(
    *,
    experiment_name: str,  # noqa: ARG001 - recorded, not used
    model_name: str,
    task_name: str,
    dataset_id: str,  # noqa: ARG001 - recorded as the run's data set
    n_epochs: int = 30,
    learning_rate: float = 0.01,
    batch_size: int = 64,
    seed: int = 0,
    output_dir: str = str(CHECKPOINTS),
) -> dict[str, Any]:
    """Train one model, and return its scores on the test samples, the files written and the run's id."""
    started = time.perf_counter()
    training, validation, test = load_samples(task_name, seed=seed)
    loss = LOSSES[model_name]
    classifier = SGDClassifier(loss=loss, learning_rate="constant", eta0=learning_rate, random_state=seed)
    scaler = StandardScaler().fit(training.features)  # on nothing but the training samples
    scaled = training._replace(features=scaler.transform(training.features))
    model = make_pipeline(scaler, classifier)

    run = current_run()
    assert run is not None, "under @log_run() there is always a run"
    order = default_rng(seed)
    metrics_path, model_path = name_files(Path(output_dir), model_name)
    with metrics_path.open("x", newline="", encoding="utf-8") as file:  # "x": never overwrite a file
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["epoch", "train_loss", "val_loss"])
        for epoch in range(1, n_epochs + 1):
            fit_epoch(classifier, scaled, batch_size, order)
            train_loss = measure_loss(model, training, loss)
            val_loss = measure_loss(model, validation, loss)
            run.log_metrics({"train_loss": train_loss, "val_loss": val_loss}, step=epoch)
            rows.writerow([epoch, train_loss, val_loss])
    joblib.dump(model, model_path)
    run.log_evaluation(predictions=predict(model, test), labels=test.labels, row_ids=test.rows, split="test")
    one_by_one = [test.features[[place]] for place in range(len(test.rows))]
    run.log_latency(profile_latency(model.predict, one_by_one, warmup=50, n_calls=500), name="predict")

    final_metrics = score(model, test) | {"train_loss": train_loss, "val_loss": val_loss}
    final_metrics["runtime_s"] = time.perf_counter() - started
    return {
        "final_metrics": final_metrics,
        "artifacts": [str(metrics_path), str(model_path)],
        "run_id": run.id,
    }


def load_samples(task_name: str, *, seed: int) -> tuple[Samples, Samples, Samples]:
    """The training (60 %), validation (20 %) and test samples (20 %), each with the same mix of classes.

    The test samples are the same for every seed, so that runs can be compared sample by sample.
    """
    features, labels = TASKS[task_name](return_X_y=True)
    rest, test = split(Samples(features, labels, np.arange(len(labels))), 0.2, TEST_SEED)
    training, validation = split(rest, 0.25, seed)
    return training, validation, test


def split(samples: Samples, share: float, seed: int) -> tuple[Samples, Samples]:
    """`samples` without a random `share` of every class, and that share."""
    parts = train_test_split(*samples, test_size=share, stratify=samples.labels, random_state=seed)
    return Samples(*parts[0::2]), Samples(*parts[1::2])


def name_files(folder: Path, model_name: str) -> tuple[Path, Path]:
    """Where the metrics and the model go; the microseconds keep runs of the same second apart."""
    timestamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    return folder / f"{model_name}_metrics_{timestamp}.csv", folder / f"{model_name}_model_{timestamp}.joblib"


def fit_epoch(classifier: SGDClassifier, samples: Samples, batch_size: int, order: Generator) -> None:
    """Show every sample to the classifier once, in minibatches of a fresh random order."""
    shuffled = order.permutation(len(samples.labels))
    classes = np.unique(samples.labels)
    for start in range(0, len(shuffled), batch_size):
        batch = shuffled[start : start + batch_size]
        classifier.partial_fit(samples.features[batch], samples.labels[batch], classes=classes)


def measure_loss(model: Pipeline, samples: Samples, loss: str) -> float:
    """The mean of the loss that the model is trained on, without its regularisation term.

    For logistic regression that is the log loss of its probabilities. The linear SVM and the perceptron
    give none: theirs is the hinge or the perceptron loss, averaged over samples and one-vs-rest problems.
    So losses can be compared between runs of one model, not between models; the perceptron's also only
    at one learning rate, because its weights, and with them its loss, grow in proportion to that.
    """
    if loss == "log_loss":
        return float(log_loss(samples.labels, model.predict_proba(samples.features), labels=model.classes_))
    # A column for each class, or a single one if there are two classes.
    signs = label_binarize(samples.labels, classes=model.classes_, neg_label=-1)
    margins = signs * model.decision_function(samples.features).reshape(signs.shape)
    wanted = 1.0 if loss == "hinge" else 0.0
    return float(np.maximum(0.0, wanted - margins).mean())


def predict(model: Pipeline, samples: Samples) -> NDArray[Any]:
    """Probabilities, shape (n, classes), where the model gives them, else labels, shape (n,)."""
    method = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    predictions: NDArray[Any] = method(samples.features)
    return predictions


def score(model: Pipeline, samples: Samples) -> dict[str, float]:
    """Accuracy and macro F1; log loss too if the model gives probabilities, as only the logistic one does."""
    predicted = model.predict(samples.features)
    scores = {
        "accuracy": float(accuracy_score(samples.labels, predicted)),
        "macro_f1": float(f1_score(samples.labels, predicted, average="macro")),
    }
    if hasattr(model, "predict_proba"):
        scores["log_loss"] = measure_loss(model, samples, "log_loss")
    return scores


def infer_task(experiment_name: str) -> str:
    """The task whose name the experiment's name begins with (`iris_svm`: `iris`), else `digits`."""
    words = experiment_name.lower().replace("-", "_") + "_"
    return next((task for task in TASKS if words.startswith(f"{task}_")), "digits")


def check_arguments(n_epochs: int, learning_rate: float, seed: int, batch_size: int = 1) -> None:
    """Raise `ValueError` for a number that cannot be trained with; the message names the option."""
    for name, value in {"n_epochs": n_epochs, "batch_size": batch_size}.items():
        if value < 1:
            raise ValueError(f"--{name} must be at least 1, not {value}")
    if not 0 < learning_rate < math.inf:
        raise ValueError(f"--learning_rate must be a finite number above 0, not {learning_rate}")
    if not 0 <= seed < 2**32:
        raise ValueError(f"--seed must be from 0 to {2**32 - 1}, not {seed}")


def make_folder(folder: Path) -> str:
    """The absolute path of `folder`, made if it is not there; raises `OSError` if it cannot be written to."""
    folder.mkdir(parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK):
        raise PermissionError(f"--output_dir is not writable: {folder}")
    return str(folder.resolve())


def parse_options(argv: Sequence[str] | None) -> argparse.Namespace:
    """The options of the command line, checked; a wrong one ends the program with exit code 2."""
    parser = argparse.ArgumentParser(
        description="Train a linear classifier on scikit-learn's bundled data and record the run.",
        epilog="example: run.py --experiment_name iris_svm --model_name linear_svm",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--experiment_name", default="digits_example", help="what the run is part of")
    add("--model_name", choices=LOSSES, default="logistic_regression", help="the model")
    add("--task_name", choices=["auto", *TASKS], default="auto", help="auto: read from experiment_name")
    add("--n_epochs", type=int, default=30, help="passes over the training samples")
    add("--learning_rate", type=float, default=0.01, help="size of a gradient step, the same throughout")
    add("--batch_size", type=int, default=64, help="samples per partial_fit; each is a gradient step")
    add("--seed", type=int, default=0, help="decides which samples validate, and the order of the others")
    add("--output_dir", type=Path, default=CHECKPOINTS, help="folder for the metrics and the model")
    options = parser.parse_args(argv)
    if options.task_name == "auto":
        options.task_name = infer_task(options.experiment_name)
    try:
        check_arguments(options.n_epochs, options.learning_rate, options.seed, options.batch_size)
        options.output_dir = make_folder(options.output_dir)
    except (ValueError, OSError) as error:
        parser.error(str(error))
    return options


def main(argv: Sequence[str] | None = None) -> None:
    """Train as the command line says, and print the scores, the files and the run's id."""
    options = parse_options(argv)
    result = train(**vars(options), dataset_id=f"sklearn/{options.task_name}")
    print(f"{options.model_name} on {options.task_name}, {options.n_epochs} epochs:")
    for name, value in result["final_metrics"].items():
        print(f"  {name:<10} {value:.4f}")
    for path in result["artifacts"]:
        print(f"  wrote      {path}")
    print(f"  run        {result['run_id']}")


if __name__ == "__main__":
    main()
