import { describe, expect, it } from 'vitest';
import { GraphBuilder } from '../graph/build';
import type { Graph } from '../graph/graph';
import type { Answers } from './guess-context';
import { judgementOf, type TaskChoice } from './guess-task';
import { answersOf } from './answers';
import { judgedOutputs, splitRow, valuesOf } from './output-parts';
import { collectorOf } from './tasks';

/** A dense layer from `inputs` to `outputs`, with an op behind it. */
function dense(inputs: number, outputs: number, ending?: 'softmax' | 'sigmoid'): Graph {
  const builder = new GraphBuilder('dense');
  const x = builder.input('x', [-1, inputs]);
  const w = builder.constant('w', new Float32Array(inputs * outputs), [outputs, inputs]);
  const [y] = builder.op('fullyConnected', 'y', [x, w, null], { keepDims: false });
  if (!ending) return builder.build([y]);
  return builder.build(ending === 'softmax' ? builder.op('softmax', 'p', [y], { beta: 1 }) : builder.op('sigmoid', 'p', [y], {})); // prettier-ignore
}

/** Four boxes in pixels beside three scores, in one output. */
function joined(): Graph {
  const builder = new GraphBuilder('joined');
  const x = builder.input('x', [-1, 9]);
  const layer = (name: string, outputs: number) => {
    const w = builder.constant(`${name}/w`, new Float32Array(9 * outputs), [outputs, 9]);
    return builder.op('fullyConnected', name, [x, w, null], { keepDims: false })[0];
  };
  const [scores] = builder.op('sigmoid', 'scores', [layer('logits', 3)], {});
  return builder.build(builder.op('concat', 'all', [layer('boxes', 4), scores], { axis: 1 }));
}

function judge(graph: Graph, answers: Answers = {}, probes: readonly (readonly number[])[] = [], choice?: TaskChoice) {
  const shape = graph.tensors.get(graph.inputs[0])!.shape.slice(1);
  const rows = probes.map((row) => Float32Array.from(row));
  const outputs = judgedOutputs(graph, graph.outputs[0]);
  return judgementOf({ outputs, probes: rows, inputShape: shape, answers, isNoise: false }, choice);
}

const labels = Int32Array.of(0, 1, 2, 2);
const targets = (shape: readonly number[], values: readonly number[]) => ({ targets: { shape, values } });

describe('the task', () => {
  it.each([
    ['labels that fit the outputs', dense(8, 3), { labels }, 'classification', 'top1'],
    ['labels of more classes than there are outputs', dense(8, 2), { labels }, 'classification', 'agreement'],
    ['yes and no for a single output', dense(8, 1), { labels: Int32Array.of(0, 1, 1, 0) }, 'classification', 'top1'],
    ['whole numbers for a single output', dense(8, 1), { labels: Int32Array.of(17, 90, 3) }, 'regression', 'r2'],
    ['targets of the output shape', dense(8, 2), targets([2], [0.5, 3, 1, 2]), 'regression', 'r2'],
    ['targets of another shape', dense(8, 3), targets([2], [0.5, 3, 1, 2]), 'classification', 'agreement'],
    ['several yeses a sample', dense(8, 3, 'sigmoid'), targets([3], [1, 1, 0, 0, 0, 0]), 'multi-label', 'f1'],
    ['probabilities for a softmax', dense(8, 2, 'softmax'), targets([2], [0.9, 0.1, 0.2, 0.8]), 'classification', 'top1'], // prettier-ignore
    ['a classifier without labels', dense(8, 3), {}, 'classification', 'agreement'],
    ['probabilities without labels', dense(8, 3, 'sigmoid'), {}, 'multi-label', 'label-agreement'],
    ['an autoencoder: as many out as in', dense(8, 8), {}, 'fidelity', 'sqnr'],
    ['an autoencoder and who is anomalous', dense(8, 8), { labels: Int32Array.of(0, 1, 1) }, 'anomaly', 'auc'],
    ['a softmax as wide as the input', dense(8, 8, 'softmax'), {}, 'classification', 'agreement'],
  ] as const)('of %s', (_, graph, answers, task, metric) => {
    const judgement = judge(graph, answers, [new Array<number>(graph.tensors.get(graph.outputs[0])!.shape[1]).fill(0.2)]); // prettier-ignore
    expect([judgement.main.task, judgement.metric]).toEqual([task, metric]);
  });

  it('of outputs of length 1 is an embedding', () => {
    const rows = [
      [0.6, 0, 0.8, 0],
      [0, 1, 0, 0],
    ];
    expect(judge(dense(8, 4), {}, rows).main.task).toBe('embedding');
    expect(judge(dense(8, 4), { labels }, rows).main).toMatchObject({ task: 'embedding', judged: { labelled: true } });
  });

  it('of a single value: a logit says yes above 0, a probability above one half', () => {
    const binary = { labels: Int32Array.of(0, 1) };
    const threshold = (graph: Graph, rows: number[][]) => judge(graph, binary, rows).main.judged.reading.threshold;
    expect(threshold(dense(8, 1), [[-3], [2]])).toBe(0);
    expect(threshold(dense(8, 1), [[0.1], [0.8]])).toBe(0.5);
    expect(threshold(dense(8, 1, 'sigmoid'), [[0.1], [0.8]])).toBe(0.5);
  });

  it('says why, and that labels are not used', () => {
    expect(judge(dense(8, 2), { labels }).inWords).toContain('The labels, up to 2, fit no output and are not used.');
    expect(judge(dense(8, 1), { labels: Int32Array.of(40, 95) }).inWords).toContain('whole numbers up to 95');
  });

  it('can be chosen, and so can its metric', () => {
    const chosen = judge(dense(8, 1), { labels: Int32Array.of(0, 1) }, [[0.5]], { task: 'regression', metric: 'mae' });
    expect([chosen.main.task, chosen.metric]).toEqual(['regression', 'mae']);
    expect(judge(dense(8, 3), { labels }, [], { metric: 'agreement' }).metric).toBe('agreement');
    // A metric of another task is none of this one's.
    expect(judge(dense(8, 3), { labels }, [], { metric: 'map' }).metric).toBe('top1');
  });

  it('of every position, from maps of classes in which 255 is none', () => {
    const builder = new GraphBuilder('map');
    const x = builder.input('x', [-1, 2, 2, 3]);
    const graph = builder.build(builder.op('softmax', 'p', [x], { beta: 1 }));
    const map = targets([2, 2], [0, 1, 255, 2, 2, 2, 0, 255]);
    expect(judge(graph, map).main).toMatchObject({ task: 'positions', judged: { labelled: true } });
    expect(judge(graph, targets([2, 2], [0, 3, 1, 1])).main.judged.labelled).toBe(false); // there is no class 3
  });
});

describe('parts', () => {
  const facts = targets([7], [10, 20, 30, 40, 0, 1, 0, 11, 21, 31, 41, 1, 0, 0]);

  it('of a joined output are judged each by itself, the choice first', () => {
    const { main, parts } = judge(joined(), facts);
    expect(parts.map(({ task, part }) => [task, part.slice])).toEqual([
      ['regression', { axis: 0, from: 0, to: 4 }],
      ['classification', { axis: 0, from: 4, to: 7 }],
    ]);
    expect(main.part.name).toBe('all › scores');
    expect([...(main.truthOf!(0) as ArrayLike<number> & Iterable<number>)]).toEqual([1]);
    expect([...(parts[0].truthOf!(1) as ArrayLike<number> & Iterable<number>)]).toEqual([11, 21, 31, 41]);
  });

  it('are found again in a row, whatever axis was joined', () => {
    const builder = new GraphBuilder('levels');
    const [a, b] = [builder.input('a', [-1, 2, 2]), builder.input('b', [-1, 2, 3])];
    const [p, q] = [builder.op('relu', 'p', [a], {}), builder.op('relu', 'q', [b], {})].map(([id]) => id);
    const outputs = judgedOutputs(builder.build(builder.op('concat', 'c', [p, q], { axis: 2 })), 'c');
    const [row] = splitRow(outputs, Float32Array.from([1, 2, 10, 20, 30, 3, 4, 40, 50, 60]));
    expect(outputs.parts.map((part) => [...valuesOf(part, row)])).toEqual([
      [1, 2, 3, 4],
      [10, 20, 30, 40, 50, 60],
    ]);
  });

  it('of other outputs get no labels that are the classes of one', () => {
    const builder = new GraphBuilder('two');
    const x = builder.input('x', [-1, 8]);
    const head = (name: string, n: number) => {
      const w = builder.constant(`${name}/w`, new Float32Array(8 * n), [n, 8]);
      return builder.op('fullyConnected', name, [x, w, null], { keepDims: false })[0];
    };
    const [p] = builder.op('softmax', 'p', [head('logits', 3)], { beta: 1 });
    const { parts, main } = judge(builder.build([head('temperature', 1), p]), { labels });
    expect(parts.map(({ task, judged }) => [task, judged.labelled])).toEqual([
      ['fidelity', false],
      ['classification', true],
    ]);
    expect(main.part.name).toBe('p');
  });
});

it('finds the parts of a joined output that is turned round, as detectors hand it out', () => {
  const builder = new GraphBuilder('turned');
  const [a, b] = [builder.input('a', [-1, 2, 2]), builder.input('b', [-1, 2, 1])];
  const [p, q] = [builder.op('relu', 'p', [a], {}), builder.op('relu', 'q', [b], {})].map(([id]) => id);
  const [joined] = builder.op('concat', 'c', [p, q], { axis: 2 });
  const [turned] = builder.op('transpose', 't', [joined], { permutation: [0, 2, 1] });
  const [flat] = builder.op('reshape', 'r', [turned], { shape: [-1, 3, 2] });
  const { parts } = judgedOutputs(builder.build([flat]), 'r');
  const row = Float32Array.from([1, 2, 3, 4, 10, 20]); // [3, 2]: two rows of the first part, one of the second
  expect(parts.map(({ slice }) => slice)).toEqual([
    { axis: 0, from: 0, to: 2 },
    { axis: 0, from: 2, to: 3 },
  ]);
  expect(parts.map((part) => [...valuesOf(part, row)])).toEqual([
    [1, 2, 3, 4],
    [10, 20],
  ]);
});

/** A convolution of 1×1 whose output is handed on in maps, a map a class. */
function maps(classes: number): Graph {
  const builder = new GraphBuilder('maps');
  const x = builder.input('x', [-1, 4, 6, 1]);
  const w = builder.constant('w', new Float32Array(classes), [classes, 1, 1, 1]);
  const attrs = { strides: [1, 1], dilations: [1, 1], padding: 'same', groups: 1 } as const;
  const [y] = builder.op('conv2d', 'y', [x, w, null], attrs);
  return builder.build(builder.op('transpose', 't', [y], { permutation: [0, 3, 1, 2] }));
}

describe('classes of positions', () => {
  const marks = (values: readonly number[]) => targets([4, 6], Array.from({ length: 24 }, (_, i) => values[i % values.length])); // prettier-ignore

  it('may lie in maps, as PyTorch has them', () => {
    const { main } = judge(maps(3), marks([0, 1, 2, 255]));
    expect(main).toMatchObject({ task: 'positions', judged: { reading: { classes: 3, inMaps: true } } });
    const row = Float32Array.from({ length: 72 }, (_, i) => Number(Math.floor(i / 24) === i % 3));
    expect([...answersOf(row, main.judged.reading)].slice(0, 3)).toEqual([0, 1, 2]);
  });

  it('are no classes to be left out where a mask is drawn in black and white', () => {
    const { main } = judge(maps(1), marks([0, 255]));
    expect([...(main.truthOf!(0) as Float32Array)].slice(0, 2)).toEqual([0, 1]);
  });
});

describe('several outputs', () => {
  const rows = [[100, 200, 300, 400, 0.1, 0.2, 0.3]];

  it('are as near to float as the worst part of them is, where nothing is to be counted', () => {
    const { main, metric } = judge(joined(), {}, rows, { task: 'fidelity' });
    const collector = collectorOf(metric, main.judged);
    const float = Float32Array.from(rows[0]);
    collector.add({ float, values: float.map((value, i) => (i < 4 ? value * 1.001 : value * 1.1)) });
    expect(collector.value()).toBeCloseTo(20, 4);
  });

  it('have targets of their own by their names', () => {
    const builder = new GraphBuilder('two');
    const x = builder.input('x', [-1, 2]);
    const head = (name: string) => builder.op('fullyConnected', name, [x, builder.constant(`${name}/w`, new Float32Array(6), [3, 2]), null], { keepDims: false })[0]; // prettier-ignore
    const graph = builder.build([head('kind'), head('pose')]);
    const pose = targets([3], [0.5, 1.5, 2.5, 1, 2, 4]);
    const byOutput = new Map<string, Answers>();
    byOutput.set('kind', { labels: Int32Array.of(0, 2) }).set('pose', pose);
    const { parts } = judge(graph, { byOutput });
    expect(parts.map(({ task }) => task)).toEqual(['classification', 'regression']);
    expect([...(parts[1].truthOf!(1) as Float32Array)]).toEqual([1, 2, 4]);
  });
});
