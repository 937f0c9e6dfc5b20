import { Stack, Text } from "@mantine/core";
import { type ReactNode, useMemo } from "react";
import { EChart, type EChartProps } from "~/charts";
import { Section } from "~/components/Page";
import { countOf, formatCount, formatInterval, formatNumber, formatP } from "~/format/number";
import { ConfusionMatrix } from "./ConfusionMatrix";
import { calibrationOption, confidenceOption, prOption, rocOption } from "./classOptions";
import classes from "./Evaluation.module.css";
import {
  type Calibration,
  type ClassificationCurves,
  type ClassName,
  nameClass,
  type PrCurve,
  type RegressionCurves,
  type Report,
  type RocCurve,
} from "./report";
import {
  errorOption,
  normalOption,
  predictedOption,
  quantileOption,
  residualOption,
} from "./residualOptions";

interface PlotsPartProps {
  report: Report;
  /** A cell of the confusion matrix was chosen. */
  onPair: (label: ClassName, prediction: ClassName) => void;
}

/** What an evaluation looks like: confusion and curves of classes, errors of numbers. */
export default function PlotsPart({ report, onPair }: PlotsPartProps) {
  if (report.task_type === "regression")
    return <RegressionPlots curves={report.curves as RegressionCurves} />;
  const curves = report.curves as ClassificationCurves;
  return (
    <Stack gap="lg">
      <Section title="Confusion matrix">
        <ConfusionMatrix matrix={curves.confusion_matrix} onPair={onPair} />
        {Object.hasOwn(curves.notes, "confusion_matrix") && <Note text={curves.notes.confusion_matrix} />}
      </Section>
      <ClassificationPlots curves={curves} />
    </Stack>
  );
}

function ClassificationPlots({ curves }: { curves: ClassificationCurves }) {
  const { roc, pr, calibration, confidence_histogram: histogram, notes, n } = curves;
  return (
    <div className={classes.plots}>
      {roc.length > 0 ? (
        <Plot
          title="ROC"
          draw={(palette) => rocOption(roc, palette)}
          label={`ROC curves of ${countOf(roc.length, "class", "classes")}. ${describeRoc(roc)}`}
          on={roc}
        >
          {describeRoc(roc)} {notes.roc}
        </Plot>
      ) : (
        <NotDrawn title="ROC" reason={notes.roc} />
      )}
      {pr.length > 0 ? (
        <Plot
          title="Precision and recall"
          draw={(palette) => prOption(pr, n, palette)}
          label={`Precision-recall curves of ${countOf(pr.length, "class", "classes")}. ${describePr(pr)}`}
          on={pr}
        >
          {describePr(pr)} {notes.pr}
        </Plot>
      ) : (
        <NotDrawn title="Precision and recall" reason={notes.pr} />
      )}
      {calibration ? (
        <Plot
          title="Calibration"
          draw={(palette) => calibrationOption(calibration, palette)}
          label={`Calibration of ${calibration.of}. ${describeCalibration(calibration)}`}
          on={calibration}
        >
          {describeCalibration(calibration)}
        </Plot>
      ) : (
        <NotDrawn title="Calibration" reason={notes.calibration} />
      )}
      {histogram ? (
        <Plot
          title="Confidence"
          draw={(palette) => confidenceOption(histogram, palette)}
          label={`Confidence of ${formatCount(sum(histogram.correct))} right and ${formatCount(sum(histogram.wrong))} wrong rows`}
          on={histogram}
        >
          How sure the model was of what it answered; wrong rows far to the right deserve a look.
        </Plot>
      ) : (
        <NotDrawn title="Confidence" reason={notes.confidence_histogram} />
      )}
    </div>
  );
}

function RegressionPlots({ curves }: { curves: RegressionCurves }) {
  const { predicted_actual: predicted, residuals_by_prediction: residuals } = curves;
  const { residual_histogram: histogram, quantile_quantile: normal, error_by_quantile: tenths } = curves;
  const shown = (n: number) =>
    n < curves.n ? `${formatCount(n)} of ${formatCount(curves.n)} rows are drawn.` : `${countOf(n, "row")}.`;
  const outside = histogram.below + histogram.above;
  return (
    <div className={classes.plots}>
      <Plot
        title="Predictions and targets"
        draw={(palette) => predictedOption(predicted, palette)}
        label={`Predictions against targets of ${countOf(predicted.target.length, "row")}`}
        on={predicted}
      >
        On the dashed line a prediction is right. {shown(predicted.target.length)}
      </Plot>
      <Plot
        title="Errors by prediction"
        draw={(palette) => residualOption(residuals, palette)}
        label={`Errors against predictions of ${countOf(residuals.prediction.length, "row")}`}
        on={residuals}
      >
        Error is prediction − target. {shown(residuals.prediction.length)}
      </Plot>
      <Plot
        title="Errors"
        draw={(palette) => errorOption(histogram, palette)}
        label={`Histogram of errors in ${countOf(histogram.counts.length, "bin")}`}
        on={histogram}
      >
        {outside > 0
          ? `${countOf(histogram.below, "row")} further below and ${histogram.above} further above are not drawn.`
          : "All rows are drawn."}
      </Plot>
      {normal ? (
        <Plot
          title="Errors against a normal distribution"
          draw={(palette) => normalOption(normal, palette)}
          label={`Quantiles of errors against normal ones, ${countOf(normal.observed.length, "point")}`}
          on={normal}
        >
          Normal errors stay between the thin lines in 95 of 100 places (Q–Q plot).
        </Plot>
      ) : (
        <NotDrawn title="Errors against a normal distribution" reason={curves.notes.quantile_quantile} />
      )}
      {tenths.length > 0 && (
        <Plot
          title="Mean error by prediction"
          draw={(palette) => quantileOption(tenths, palette)}
          label={`Mean error in ${countOf(tenths.length, "part")} of the predictions, with intervals`}
          on={tenths}
        >
          Each tenth of the predictions with its 95 % interval; off the dashed line the model is biased there.
        </Plot>
      )}
    </div>
  );
}

interface PlotProps {
  title: string;
  label: string;
  draw: Extract<EChartProps["option"], (palette: never) => unknown>;
  /** What is drawn; the chart is drawn anew when it is another. */
  on: unknown;
  children: ReactNode;
}

function Plot({ title, label, draw, on, children }: PlotProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: `draw` is new each time and depends on `on` alone
  const option = useMemo(() => draw, [on]);
  return (
    <div className={classes.figure}>
      <EChart title={title} label={label} option={option} height={300} />
      <Text className={classes.caption} component="div" mt={4}>
        {children}
      </Text>
    </div>
  );
}

function NotDrawn({ title, reason }: { title: string; reason: string | undefined }) {
  return (
    <div className={classes.figure}>
      <Text size="sm" fw={600}>
        {title}
      </Text>
      <Text size="sm" c="dimmed" mt="xs">
        Not drawn: {reason ?? "the report does not have it"}.
      </Text>
    </div>
  );
}

function Note({ text }: { text: string | undefined }) {
  return (
    <Text size="xs" c="dimmed">
      {text}
    </Text>
  );
}

function describeRoc(curves: readonly RocCurve[]): string {
  const list = curves.slice(0, 4).map((curve) => {
    const interval = curve.interval ? ` (${formatInterval(curve.interval.low, curve.interval.high)})` : "";
    return `“${shortName(curve)}” ${formatNumber(curve.auc, 3)}${interval}`;
  });
  return `Area under the curve: ${list.join(", ")}${curves.length > 4 ? ", …" : ""}.`;
}

function describePr(curves: readonly PrCurve[]): string {
  const list = curves.slice(0, 4).map((curve) => {
    const interval = curve.interval ? ` (${formatInterval(curve.interval.low, curve.interval.high)})` : "";
    return `“${shortName(curve)}” ${formatNumber(curve.average_precision, 3)}${interval}`;
  });
  return `Average precision: ${list.join(", ")}${curves.length > 4 ? ", …" : ""}.`;
}

function shortName(curve: RocCurve | PrCurve): string {
  const name = nameClass(curve.class);
  return name.length > 30 ? `${name.slice(0, 29)}…` : name;
}

function describeCalibration(calibration: Calibration): string {
  const { expected_calibration_error: error, interval } = calibration;
  const range = interval ? ` (${formatInterval(interval.low, interval.high)})` : "";
  const observed = `Expected calibration error ${formatNumber(error, 3)}${range}.`;
  if (calibration.null === null) return observed;
  const { mean, percentile_95, p_value } = calibration.null;
  return `${observed} The grey boxes are where 95 of 100 calibrated models have their bins; these would show ${formatNumber(mean, 3)} on average by chance, and up to ${formatNumber(percentile_95, 3)} in 95 of 100 cases; p ${formatP(p_value)}.`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
