"""How tests and their p-values are written, the same in every sentence and table."""

from __future__ import annotations

from collections.abc import Mapping

TEST_TITLES: Mapping[str, str] = {
    "mcnemar_exact": "exact McNemar",
    "mcnemar_mid_p": "mid-p McNemar",
    "delong": "DeLong",
    "delong_clustered": "clustered DeLong",
    "paired_t": "paired t",
    "paired_clustered_t": "clustered paired t",
    "wilcoxon": "Wilcoxon",
    "paired_permutation": "paired permutation",
    "sign_flip": "sign-flip",
    "welch_t": "Welch t",
    "chi2": "chi-squared",
    "fisher_exact": "Fisher exact",
    "unpaired_bootstrap": "unpaired bootstrap",
    "block_bootstrap": "block bootstrap",
    "nadeau_bengio": "Nadeau-Bengio t",
    "bouckaert_frank": "Bouckaert-Frank t",
}


def name_test(name: str) -> str:
    """A test as people call it."""
    return TEST_TITLES.get(name, name.replace("_", " "))


def format_p(p: float) -> str:
    """A p-value after its equals sign, as `= 0.61`, `= 0.002` or `< 0.001`; never rounded onto 0.05."""
    if p < 0.001:
        return "< 0.001"
    if p >= 0.995:
        return "= 1"
    if p >= 0.1:
        return f"= {p:.2f}"
    return f"= {p:.4f}" if f"{p:.3f}" == "0.050" else f"= {p:.3f}"
