"""The three models of each template: nothing learnt, a straight line, trees. All seeded, on one core."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from modellab.errors import NotFound
from modellab.templates.columns import ColumnChoice
from modellab.templates.table import Task

_TREES = {"n_estimators": 200, "learning_rate": 0.1, "max_depth": 6, "tree_method": "hist", "n_jobs": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model before it has learnt: scikit-learn's `fit` and `predict`, and what is worth recording of it."""

    name: str
    pipeline: Any
    params: dict[str, Any]


def check_packages() -> None:
    """Raise `NotFound` if a package that the templates need is not installed."""
    missing = [name for name in ("sklearn", "polars", "xgboost") if find_spec(name) is None]
    if missing:
        raise NotFound(
            f"Templates need packages that are not installed: {', '.join(missing)}.",
            hint="pip install 'modellab[templates]'",
        )


def make_models(task: Task, columns: ColumnChoice, *, seed: int) -> list[Model]:
    """The models in the order in which they are worth trying; the first is the baseline."""
    from sklearn.dummy import DummyClassifier, DummyRegressor
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from xgboost import XGBClassifier, XGBRegressor

    if task == "classification":
        dummy: Any = DummyClassifier(strategy="prior")
        linear: Any = LogisticRegression(max_iter=2000, random_state=seed)
        trees: Any = XGBClassifier(**_TREES, random_state=seed)
        linear_params: dict[str, Any] = {"C": linear.C, "max_iter": linear.max_iter}
    else:
        dummy, linear = DummyRegressor(strategy="mean"), LinearRegression()
        trees, linear_params = XGBRegressor(**_TREES, random_state=seed), {}
    return [
        _make(dummy, {"strategy": dummy.strategy}, columns, is_scaled=False),
        _make(linear, linear_params, columns, is_scaled=True),
        _make(trees, _TREES, columns, is_scaled=False),
    ]


def _make(estimator: Any, params: dict[str, Any], columns: ColumnChoice, *, is_scaled: bool) -> Model:
    from sklearn.pipeline import make_pipeline

    name = type(estimator).__name__
    name = {"XGBClassifier": "XGBoost", "XGBRegressor": "XGBoost"}.get(name, name)
    pipeline = make_pipeline(_make_preparation(columns, is_scaled=is_scaled), estimator)
    return Model(name=name, pipeline=pipeline, params={"model": name, **params})


def _make_preparation(columns: ColumnChoice, *, is_scaled: bool) -> Any:
    """From rows of mixed values to numbers; all that it needs to know it learns from the training rows.

    Missing numbers become the median, with a column that says where they were; a missing category is a
    category. Rare ones are taken together, and so are those that come up only in the test.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    roles = list(columns.roles.values())
    numbers = [place for place, role in enumerate(roles) if role == "number"]
    categories = [place for place, role in enumerate(roles) if role == "category"]
    imputer = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    steps = [imputer, StandardScaler()] if is_scaled else [imputer]
    encoder = OneHotEncoder(
        handle_unknown="infrequent_if_exist", min_frequency=2, max_categories=50, sparse_output=False
    )
    numeric = make_pipeline(*steps)
    return ColumnTransformer([("numbers", numeric, numbers), ("categories", encoder, categories)])
