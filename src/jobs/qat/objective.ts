/** What a model is trained towards: labels, targets or the float model, whichever the data and the settings allow. */
import { RangefinderError } from '../../base/errors';
import { elementCount, tensorOf, type Graph, type TensorId } from '../../core/graph/graph';
import { argmax } from '../../core/metrics/score';
import { headOf } from '../../core/training/head';
import {
  binaryCrossEntropy,
  crossEntropy,
  distillation,
  meanSquaredError,
  type LossValue,
} from '../../core/training/losses';
import type { QatSettings } from '../../core/training/settings';
import type { TfjsModel } from '../../engine/tfjs/model';
import type { Batch } from '../../engine/types';
import { classCount, scoredTensor } from '../session/scoring';
import type { OpenData } from '../session/session';

export interface Objective {
  /** The tensor that the loss sees. */
  readonly tensor: TensorId;
  /** For people: "cross-entropy with the labels". */
  readonly inWords: string;
  /** The answer to each sample is a class, so that right ones can be counted. */
  readonly counts: boolean;
  /** Who says what a batch is taught, from the very batch, changed as it may be; null where labels or targets do. */
  readonly asks: 'float' | 'input' | null;
  /** @param taught what they say of `tensor` for the batch */
  loss(outputs: Float32Array, samples: ArrayLike<number>, taught: Float32Array | null): LossValue;
  /** Number of right answers; 0 where there is nothing to count. */
  right(outputs: Float32Array, samples: ArrayLike<number>, taught: Float32Array | null): number;
}

const BINARY_THRESHOLD = 0;

function rows(values: Float32Array, count: number): Float32Array[] {
  const size = values.length / count;
  return Array.from({ length: count }, (_, i) => values.subarray(i * size, (i + 1) * size));
}

/** The class that logits name; a single one is that of a probability. */
const chosen = (logits: Float32Array) => (logits.length === 1 ? Number(logits[0] > BINARY_THRESHOLD) : argmax(logits));

function ofLabels(graph: Graph, labels: Int32Array): Objective {
  const head = headOf(graph, scoredTensor(graph));
  const classes = elementCount(tensorOf(graph, head.tensor).shape);
  checkLabels(labels, Math.max(2, classes));
  const of = (samples: ArrayLike<number>) => Int32Array.from(samples, (i) => labels[i]);
  return {
    tensor: head.tensor,
    inWords: classes === 1 ? 'binary cross-entropy with the labels' : 'cross-entropy with the labels',
    counts: true,
    asks: null,
    loss: (z, samples) =>
      classes === 1 ? binaryCrossEntropy(z, of(samples)) : crossEntropy(z, of(samples), head.beta),
    right: (z, samples) => rows(z, samples.length).filter((row, i) => chosen(row) === labels[samples[i]]).length,
  };
}

/** @throws RangefinderError 'invalid-data' where a label names no class */
function checkLabels(labels: Int32Array, classes: number): void {
  const strange = [...new Set(labels)].filter((label) => label < 0 || label >= classes).sort((a, b) => a - b);
  if (strange.length === 0) return;
  throw new RangefinderError({
    code: 'invalid-data',
    message: `Labels go up to ${strange.at(-1)}, the model tells ${classes} classes apart.`,
    details: strange.slice(0, 20).map((label) => `label ${label}`),
    hint: 'Give labels from 0 on that fit the model, or let it learn from the float model instead.',
  });
}

function ofTargets(graph: Graph, values: Float32Array): Objective {
  const tensor = scoredTensor(graph);
  const size = elementCount(tensorOf(graph, tensor).shape);
  return {
    tensor,
    inWords: 'squared error against the targets',
    counts: false,
    asks: null,
    loss(y, samples) {
      const targets = new Float32Array(y.length);
      for (let n = 0; n < samples.length; n++)
        targets.set(values.subarray(samples[n] * size, (samples[n] + 1) * size), n * size);
      return meanSquaredError(y, targets);
    },
    right: () => 0,
  };
}

function ofFloatModel(graph: Graph, temperature: number): Objective {
  const output = scoredTensor(graph);
  const head = headOf(graph, output);
  const isClassifier = head.kind === 'softmax' || (head.kind === 'linear' && classCount(graph) !== undefined);
  if (!isClassifier)
    return {
      tensor: output,
      inWords: "squared error against the float model's output",
      counts: false,
      asks: 'float',
      loss: (y, _samples, taught) => meanSquaredError(y, taught!),
      right: () => 0,
    };
  return {
    tensor: head.tensor,
    inWords: `distillation, temperature ${temperature}`,
    counts: true,
    asks: 'float',
    loss: (z, samples, taught) => distillation(z, taught!, samples.length, temperature, head.beta),
    right(z, samples, taught) {
      const said = rows(taught!, samples.length);
      return rows(z, samples.length).filter((row, i) => chosen(row) === chosen(said[i])).length;
    },
  };
}

/** An autoencoder gives back what it was given. */
function ofInput(graph: Graph): Objective {
  const tensor = scoredTensor(graph);
  const size = elementCount(tensorOf(graph, tensor).shape);
  const given = graph.inputs.map((id) => elementCount(tensorOf(graph, id).shape));
  if (given.length !== 1 || given[0] !== size)
    throw new RangefinderError({
      code: 'invalid-settings',
      message: `The output has ${size} values, the input ${given.join(' and ')}: this is no autoencoder.`,
      hint: 'Let the model learn from labels, targets or the float model.',
    });
  return {
    tensor,
    inWords: 'squared error against the input',
    counts: false,
    asks: 'input',
    loss: (y, _samples, taught) => meanSquaredError(y, taught!),
    right: () => 0,
  };
}

/** Labels and the float model in equal parts: the one says what is right, the other how sure a good model is of it. */
function ofBoth(labels: Objective, float: Objective): Objective {
  if (!float.counts || float.tensor !== labels.tensor) return labels;
  return {
    ...labels,
    inWords: `${labels.inWords} and ${float.inWords}, in equal parts`,
    asks: 'float',
    loss(z, samples, taught) {
      const [hard, soft] = [labels.loss(z, samples, null), float.loss(z, samples, taught)];
      const gradient = hard.gradient.map((g, i) => (g + soft.gradient[i]) / 2);
      return { loss: (hard.loss + soft.loss) / 2, gradient };
    },
  };
}

/**
 * @throws RangefinderError 'invalid-data' for labels that do not fit, or where labels are asked for and there are none
 */
export function objectiveOf(graph: Graph, { source }: OpenData, { teacher, temperature }: QatSettings): Objective {
  const { labels, targets } = source;
  const size = elementCount(tensorOf(graph, scoredTensor(graph)).shape);
  const isClassifier = classCount(graph) !== undefined || size === 1;
  const float = ofFloatModel(graph, temperature);
  if (teacher === 'float') return float;
  if (teacher === 'input') return ofInput(graph);
  if (labels && isClassifier) {
    const objective = ofLabels(graph, labels);
    return teacher === 'labels' ? objective : ofBoth(objective, float);
  }
  if (targets && elementCount(targets.shape) === size) return ofTargets(graph, targets.values);
  if (teacher === 'auto') return float;
  throw new RangefinderError({
    code: 'invalid-data',
    message: 'The data has neither labels nor targets that fit the output.',
    hint: 'Add labels, or let the model learn from the float model.',
  });
}

/** Says what a batch is taught. */
export interface Teacher {
  /** @param changed the batch was augmented, so that nothing known of its samples holds */
  ask(batch: Batch, samples: ArrayLike<number>, changed: boolean): Promise<Float32Array>;
}

/** @param float the float model */
export function teacherOf(graph: Graph, { asks, tensor }: Objective, float: TfjsModel): Teacher | null {
  if (asks === 'float') return new FloatTeacher(float, tensor);
  const [input] = graph.inputs;
  return asks === 'input' ? { ask: ({ inputs }) => Promise.resolve(inputs.get(input)!) } : null;
}

/** Values of the objective's tensor in the float model, kept by sample while they are small. */
class FloatTeacher implements Teacher {
  private readonly kept = new Map<number, Float32Array>();
  private room = 16_000_000;

  constructor(
    private readonly model: TfjsModel,
    private readonly tensor: TensorId,
  ) {}

  async ask(batch: Batch, samples: ArrayLike<number>, changed: boolean): Promise<Float32Array> {
    const known = changed ? [] : Array.from(samples, (i) => this.kept.get(i));
    if (known.length > 0 && known.every((values) => values !== undefined)) {
      const taught = new Float32Array(known.length * known[0].length);
      known.forEach((values, i) => taught.set(values, i * values.length));
      return taught;
    }
    const taught = (await this.model.run(batch, [this.tensor])).get(this.tensor)!.data as Float32Array;
    if (!changed)
      rows(taught, samples.length).forEach((values, i) => {
        if ((this.room -= values.length) > 0) this.kept.set(samples[i], values.slice());
      });
    return taught;
  }
}
