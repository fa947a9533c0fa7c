/** Every figure a model can be judged by: what it is called, and which way is better. */
export interface MetricInfo {
  readonly label: string;
  /** A share is shown in percent, its differences in points. */
  readonly unit: 'share' | 'dB' | 'plain';
  readonly higherIsBetter: boolean;
  /** One sentence for people. */
  readonly explain: string;
}

const share = (label: string, explain: string): MetricInfo => ({ label, unit: 'share', higherIsBetter: true, explain });
const plain = (label: string, higherIsBetter: boolean, explain: string): MetricInfo => ({
  label,
  unit: 'plain',
  higherIsBetter,
  explain,
});

export const METRICS = {
  top1: share('Accuracy', 'Samples whose answer is the label.'),
  top5: share('Top-5', 'Samples whose label is among the five largest outputs.'),
  agreement: share('Agreement', 'Samples whose answer is the float model’s.'),
  'label-accuracy': share('Label accuracy', 'Yes-or-no answers that are right, over all labels of all samples.'),
  'label-agreement': share('Label agreement', 'Yes-or-no answers that are the float model’s.'),
  f1: share('F1', 'Harmonic mean of precision and recall over all labels of all samples (micro-averaged).'),
  'position-accuracy': share('Position accuracy', 'Positions (pixels, steps) whose class is the label’s; class 255 is left out.'),
  'position-agreement': share('Position agreement', 'Positions (pixels, steps) whose class is the float model’s.'),
  'mean-iou': share('Mean IoU', 'Intersection over union of each class, over all samples together, averaged over the classes that occur.'),
  mae: plain('MAE', false, 'Mean absolute error against the targets, in their unit.'),
  rmse: plain('RMSE', false, 'Root of the mean squared error against the targets, in their unit.'),
  r2: plain('R²', true, 'Share of the targets’ variance that is explained; 1 is perfect, 0 is as good as always saying their mean.'),
  cosine: plain('Cosine', true, 'Mean cosine of the angle between a sample’s embedding and the float model’s.'),
  retrieval: share('Retrieval@1', 'Samples whose nearest neighbour is the right one: of the same label, or, without labels, themselves among the float model’s.'),
  auc: share('AUC', 'Area under the ROC curve: how likely an anomaly scores above a normal sample.'),
  'partial-auc': share('Partial AUC', 'Area under the ROC curve up to a false positive rate of 0.1, standardised by McClish.'),
  map50: share('mAP@50', 'COCO’s mean average precision at an overlap of one half.'),
  map: share('mAP@50:95', 'COCO’s mean average precision, averaged over overlaps of 0.5 to 0.95.'),
  keyword: share('Keyword accuracy', 'Samples neither missed nor falsely accepted at the threshold.'),
  misses: { ...share('Misses', 'Keywords of which none was heard at the threshold, or another one.'), higherIsBetter: false },
  'false-accepts': { ...share('False accepts', 'Samples without a keyword in which one was heard.'), higherIsBetter: false },
  sqnr: { label: 'SQNR', unit: 'dB', higherIsBetter: true, explain: 'Power of the float output over that of the error against it.' },
} satisfies Readonly<Record<string, MetricInfo>>; // prettier-ignore

export type MetricName = keyof typeof METRICS;
export const METRIC_NAMES = Object.keys(METRICS) as [MetricName, ...MetricName[]];

export function metricInfo(metric: MetricName): MetricInfo {
  return METRICS[metric];
}

/** Whether a higher value is that of the better model. */
export function goodness(metric: MetricName, value: number): number {
  return METRICS[metric].higherIsBetter ? value : -value;
}

/** A quarter of a point, for figures that are shares or run to 1. */
const LEAST_THAT_MATTERS = 0.0025;

/** Whether a figure lost so little against `float` that nobody would notice, however sure the loss is. */
export function isNegligible(metric: MetricName, float: number, change: number): boolean {
  const lost = -goodness(metric, change);
  const { unit, higherIsBetter } = metricInfo(metric);
  if (unit === 'dB') return false;
  return (
    lost < (higherIsBetter ? LEAST_THAT_MATTERS : 4 * LEAST_THAT_MATTERS * (unit === 'share' ? 1 : Math.abs(float)))
  );
}
