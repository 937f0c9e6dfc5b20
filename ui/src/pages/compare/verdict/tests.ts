/** The tests by the names of the API: what they are called, and what each one asks. */

interface TestText {
  title: string;
  text: string;
}

const TESTS: ReadonlyMap<string, TestText> = new Map(
  Object.entries({
    mcnemar_exact: {
      title: "exact McNemar",
      text: "Counts the rows that only one of the two has right. If neither were better, each such row would be a fair coin toss; the p-value is exact for that.",
    },
    mcnemar_mid_p: {
      title: "mid-p McNemar",
      text: "Counts the rows that only one of the two has right, and asks how likely such a split is for fair coin tosses. Mid-p counts the observed split half, which is less strict than exact and still errs in about 5 %.",
    },
    delong: {
      title: "DeLong",
      text: "Compares two areas under ROC curves on the same rows, taking into account that both see the same rows.",
    },
    delong_clustered: {
      title: "clustered DeLong",
      text: "Compares two areas under ROC curves on the same rows, where rows of one cluster belong together and are not independent.",
    },
    paired_t: {
      title: "paired t",
      text: "Takes the difference pair by pair (row by row, or seed by seed) and asks whether its mean is away from 0.",
    },
    paired_clustered_t: {
      title: "clustered paired t",
      text: "Takes the difference row by row and asks whether its mean is away from 0, with the spread between clusters, because rows of one cluster are not independent.",
    },
    wilcoxon: {
      title: "Wilcoxon",
      text: "Ranks the differences of the rows by size and asks whether one sign prevails. Used for few rows, where a mean may hang on one of them.",
    },
    paired_permutation: {
      title: "paired permutation",
      text: "Swaps the two models' predictions at random, row by row, many times. The p-value is how often a difference as large as the one seen comes out of that.",
    },
    sign_flip: {
      title: "sign-flip",
      text: "Flips the signs of the seeds' differences in every possible way. The p-value is the share that is as far from 0 as what was seen; with 5 pairs it cannot be below 0.0625.",
    },
    welch_t: {
      title: "Welch t",
      text: "Compares two means of independent values, allowing each side its own spread.",
    },
    chi2: {
      title: "chi-squared",
      text: "Compares two shares of right rows on different rows. It cannot pair, so it finds less.",
    },
    fisher_exact: {
      title: "Fisher exact",
      text: "Compares two shares of right rows on different rows, exactly, for small counts. It cannot pair, so it finds less.",
    },
    unpaired_bootstrap: {
      title: "unpaired bootstrap",
      text: "Draws rows of both sides again and again, each side for itself, because the rows are not the same.",
    },
    block_bootstrap: {
      title: "block bootstrap",
      text: "Draws blocks of consecutive calls again and again, because calls that follow one another are not independent.",
    },
    nadeau_bengio: {
      title: "Nadeau-Bengio t",
      text: "A t test over folds whose variance is corrected, because the training data of folds overlap.",
    },
    bouckaert_frank: {
      title: "Bouckaert-Frank t",
      text: "A t test over repeated cross-validation whose variance is corrected, because the training data of folds overlap.",
    },
  }),
);

const METHODS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    bca: "bootstrap, bias-corrected and accelerated (BCa)",
    percentile: "bootstrap, percentiles",
    wilson: "Wilson's formula",
    newcombe_paired: "Newcombe's method for the same rows",
    newcombe: "Newcombe's method",
    delong: "DeLong",
    delong_logit: "DeLong on the logit scale",
    obuchowski_logit: "DeLong with clusters (Obuchowski)",
    hodges_lehmann: "Hodges-Lehmann",
    inversion: "inversion of a test",
    t: "t interval",
  }),
);

/** A test's name as people write it. */
export function titleOfTest(name: string | null): string {
  return name === null ? "no test" : (TESTS.get(name)?.title ?? name.replaceAll("_", " "));
}

/** What the test asks; `null` for one that is not known here. */
export function explainTest(name: string | null): string | null {
  return name === null ? null : (TESTS.get(name)?.text ?? null);
}

/** How an interval was made, in words. */
export function titleOfMethod(method: string): string {
  return METHODS.get(method) ?? method.replaceAll("_", " ");
}
