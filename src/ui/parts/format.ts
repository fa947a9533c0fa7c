/** Numbers in words and digits, the same everywhere. The minus sign is U+2212, as wide as a plus. */
import type { Shape } from '../../core/graph/graph';
import type { Score } from '../../jobs/contract/judgement-protocol';
import { metricInfo, type MetricName } from '../../core/metrics/table';

const minus = (text: string) => text.replace(/-/g, '−');

export function bytes(n: number): string {
  if (n < 1000) return `${n} B`;
  if (n < 1e6) return `${trim(n / 1e3)} kB`;
  return `${trim(n / 1e6)} MB`;
}

export function compact(n: number): string {
  if (n < 1000) return String(n);
  if (n < 1e6) return `${trim(n / 1e3)} k`;
  if (n < 1e9) return `${trim(n / 1e6)} M`;
  return `${trim(n / 1e9)} G`;
}

function trim(n: number): string {
  return n >= 100 ? n.toFixed(0) : n.toFixed(1);
}

export function integer(n: number): string {
  return minus(n.toLocaleString('en-US'));
}

/** A real number to a few significant digits, exponents only where they help. */
export function real(x: number, digits = 4): string {
  if (x === 0) return '0';
  if (!Number.isFinite(x)) return Number.isNaN(x) ? 'n/a' : x > 0 ? '∞' : '−∞';
  const size = Math.abs(x);
  if (size >= 1e-4 && size < 1e5) return minus(String(Number(x.toPrecision(digits))));
  return minus(x.toExponential(2)).replace(/e\+?/, ' e');
}

/** What a slider stands at, with the digits of its steps. */
export function stepped(value: number, step: number): string {
  return minus(String(Number(value.toFixed(Math.max(0, Math.ceil(-Math.log10(step)))))));
}

export function percent(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** A share small enough to vanish in rounding still is not nothing. */
export function smallPercent(share: number): string {
  if (share === 0) return '0 %';
  return share < 0.0001 ? '<0.01 %' : percent(share, 2);
}

export function decibels(x: number): string {
  if (x === Infinity) return 'exact';
  return Number.isFinite(x) ? `${minus(x.toFixed(1))} dB` : 'n/a';
}

export function dimensions(shape: Shape): string {
  const known = shape[0] === -1 ? shape.slice(1) : shape;
  return known.length === 0 ? 'scalar' : known.join('×');
}

export function timeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds} s left`;
  return `${Math.ceil(seconds / 60)} min left`;
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function milliseconds(ms: number): string {
  return ms < 10 ? `${ms.toFixed(2)} ms` : `${ms.toFixed(0)} ms`;
}

const FORMATS: Readonly<Record<string, string>> = {
  tflite: 'TensorFlow Lite',
  keras: 'Keras',
  'keras-h5': 'Keras HDF5',
  onnx: 'ONNX',
  'tfjs-layers': 'TensorFlow.js',
  'tfjs-graph': 'TensorFlow.js GraphModel',
};

/** A model format in words; one that has none here is called what the reader calls it. */
export function formatName(format: string): string {
  return FORMATS[format] ?? format;
}

export function metricLabel(metric: MetricName): string {
  return metricInfo(metric).label;
}

export function scoreText({ metric, value }: Score): string {
  const { unit } = metricInfo(metric);
  return unit === 'share' ? percent(value, 2) : unit === 'dB' ? decibels(value) : real(value);
}

/** A difference of two scores: points for shares, the metric's own unit otherwise. */
export function deltaText(metric: MetricName, delta: number): string {
  const { unit } = metricInfo(metric);
  const sign = delta > 0 ? '+' : '';
  if (unit === 'share') return `${sign}${minus((100 * delta).toFixed(2))} pt`;
  return unit === 'dB' ? `${sign}${minus(delta.toFixed(1))} dB` : `${sign}${real(delta)}`;
}

/** Better or worse beyond what rounding shows. */
export function deltaTone(metric: MetricName, delta: number): 'good' | 'bad' | 'even' {
  const better = metricInfo(metric).higherIsBetter ? delta : -delta;
  const floor = metricInfo(metric).unit === 'share' ? 0.00005 : 1e-12;
  return better < -floor ? 'bad' : better > floor ? 'good' : 'even';
}
