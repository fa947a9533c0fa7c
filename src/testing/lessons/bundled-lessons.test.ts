/** Every bundled lesson, played on the real jobs from its first step to its last: wrong answers first, then the right ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { memory } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { lookup } from '../../base/lookup';
import { answerTo, isDone, lockedParts, stepOf } from '../../core/lessons/progress';
import { lessonIndexSchema, type LessonInput, type Step } from '../../core/lessons/schema';
import type { Value } from '../../core/lessons/vocabulary';
import { bestCentroids } from '../../core/lessons/figures/codebook';
import { DEFAULT_SETTINGS, type QuantSettings } from '../../core/quantize/settings';
import { initBackend } from '../../engine/tfjs/backend';
import { nodeHost } from '../../engine/tfjs/node-host';
import { figureDistribution } from '../../state/lessons/facts';
import { LessonPlayer } from '../../state/lessons/player';
import { patch } from '../../state/store';
import { nodeStudio, type NodeStudio } from '../builders/node-studio';

const LIST = lessonIndexSchema.parse(JSON.parse(readFileSync(join(import.meta.dirname, '../../../public/lessons/index.json'), 'utf8'))); // prettier-ignore

let tensors: number;
let studio: NodeStudio;
let player: LessonPlayer;
beforeAll(async () => {
  await initBackend(nodeHost());
  tensors = memory().numTensors;
  studio = nodeStudio();
  player = new LessonPlayer(studio.store, studio.controller, studio.options);
});
afterAll(async () => {
  await studio.idle();
  studio.dispose();
  expect(memory().numTensors).toBe(tensors);
});

const lessons = () => studio.store.getState().lessons;
const now = () => stepOf(lessons().open!.lesson, lessons().progress!);

type Change = (settings: QuantSettings) => QuantSettings;
const weights = (change: Partial<QuantSettings['weights']>): Change => (s) => ({ ...s, weights: { ...s.weights, ...change } }); // prettier-ignore
const activations = (change: Partial<QuantSettings['activations']>): Change => (s) => ({ ...s, activations: { ...s.activations, ...change } }); // prettier-ignore
const algorithm =
  (id: string): Change =>
  (s) => ({ ...s, algorithms: [{ id, params: {} }] });
const layers = (ids: readonly string[], override: QuantSettings['layers'][string]): Change => (s) => ({ ...s, layers: { ...s.layers, ...Object.fromEntries(ids.map((id) => [id, override])) } }); // prettier-ignore

const edit = (change: Change) => async () => studio.controller.edit(change);
const fill = (answers: Readonly<Record<string, Value>>) => async () => {
  for (const [field, value] of Object.entries(answers)) player.answer(value, field);
};
const both =
  (...deeds: (() => Promise<void>)[]) =>
  async () => {
    for (const deed of deeds) await deed();
  };

/** What is done for each act: something wrong, which the check must not pass, and what passes. */
const DEEDS: Readonly<Record<string, { readonly wrong?: () => Promise<void>; readonly right: () => Promise<void> }>> = {
  'ranges drag': { wrong: drag('conv', 2), right: drag('conv', 1) },
  'estimator switch': { right: edit(activations({ estimator: { id: 'mse', params: {} } })) },
  'zero symmetric': { wrong: fill({ unused: 127 }), right: both(edit(activations({ codes: 'symmetric' })), fill({ unused: 128 })) }, // prettier-ignore
  'channels tensor': { right: edit(weights({ granularity: 'tensor' })) },
  'channels channel': { right: edit(weights({ granularity: 'channel' })) },
  'arithmetic sum': { wrong: fill({ bias: 2500, acc: 16_780 }), right: fill({ bias: 2500, acc: 19_280 }) },
  'arithmetic requantize': { wrong: fill({ multiplier: 0.004, code: 77 }), right: fill({ multiplier: 0.004, code: -51 }) }, // prettier-ignore
  'folding name': { wrong: fill({ layer: 'd' }), right: fill({ layer: 'd3' }) },
  'equalize hand': { wrong: fill({ s: 4, range: 2 }), right: fill({ s: 2, range: 2 }) },
  'equalize cle': { wrong: edit(weights({ granularity: 'channel' })), right: edit((s) => algorithm('cle')(weights({ granularity: 'tensor' })(s))) }, // prettier-ignore
  'adaround hand': { wrong: fill({ nearest: 0.8, up: 0.6 }), right: fill({ nearest: 0.8, up: 0.2 }) },
  'adaround learn': { right: edit(algorithm('adaround')) },
  'qat train': { right: () => studio.controller.training.start() },
  'budget search': {
    wrong: edit(weights({ format: 'int4' })),
    right: edit((s) => layers(['block4_pointwise'], { weightFormat: 'int4' })(weights({ format: 'int8' })(s))), // prettier-ignore
  },
  'fp8 switch': { wrong: fill({ gain: 'gaussian' }), right: both(edit(weights({ format: 'fp8-e4m3fn' })), fill({ gain: 'heavy' })) }, // prettier-ignore
  'fp8 cost': {
    wrong: fill({ gates: 1.53 }),
    right: both(async () => patch(studio.store, 'ui', { accumulator: 'fp32' }), fill({ gates: 2.83 })),
  },
  'codebook place': { right: placeBest },
  'codebook pack': { wrong: fill({ first: 0x2d, second: 0x78 }), right: fill({ first: 0xd2, second: 0x87 }) },
  'mystery-a repair': { wrong: fill({ layer: 'p3', cause: 'outlier' }), right: both(edit(algorithm('cle')), fill({ layer: 'p2' })) }, // prettier-ignore
  'mystery-b repair': {
    wrong: both(edit(algorithm('cle')), fill({ layer: 'p3', cause: 'outlier' })),
    right: both(edit((s) => ({ ...s, algorithms: [], tensors: { block3_pointwise_relu: { range: { min: 0, max: 15 } } } })), fill({ cause: 'dead' })), // prettier-ignore
  },
  'mystery-c repair': { wrong: fill({ layer: 'join', cause: 'clip' }), right: both(edit(algorithm('level-joins')), fill({ cause: 'concat' })) }, // prettier-ignore
  'mystery-d repair': {
    wrong: fill({ layer: 'p2', cause: 'data' }),
    right: both(async () => studio.controller.editData({ preprocessing: [{ kind: 'scale', scale: 1 / 255, offset: 0 }] }), fill({ layer: 'input' })), // prettier-ignore
  },
  'mystery-e repair': { wrong: fill({ layer: 'p2', cause: 'outlier' }), right: both(edit((s) => ({ ...s, tensors: {} })), fill({ cause: 'clip' })) }, // prettier-ignore
  'devices verify': { wrong: fill({ mismatches: 7 }), right: fill({ mismatches: 0 }) },
  'devices target': { wrong: fill({ layer: 'dense' }), right: edit(weights({ granularity: 'tensor' })) },
  'devices rounding': { wrong: fill({ single: 1 }), right: fill({ single: 0 }) },
};

/** Centroids where k-means has its optimum, once the weights are known. */
async function placeBest(): Promise<void> {
  const weightsOf = () => figureDistribution(studio.store.getState(), now());
  await studio.until(() => weightsOf() !== undefined);
  player.place(bestCentroids(weightsOf()!, 16));
}

/** The weights' range of a layer at so many times the end of least error. */
function drag(layer: string, times: number): () => Promise<void> {
  return async () => {
    const best = () => player.valueOf(`bestTop("${layer}","weights")`);
    await studio.until(() => best() !== undefined);
    const top = (best() as number) * times;
    const { weight } = studio.store.getState().model.view!.layers.find(({ name }) => name === layer)!;
    studio.controller.drag(weight!.id, null, { min: -top, max: top });
    studio.controller.release();
  };
}

/** Something that is not the truth; of numbers, something far off. */
function wrongAnswer(input: LessonInput, truth: Value | undefined): Value {
  if (input.type === 'choice') return input.options.find(({ id }) => id !== truth)!.id;
  const { min = 0, max = min + 1000 } = input.type === 'number' ? input : {};
  return typeof truth === 'number' && Math.abs(truth - min) > Math.abs(truth - max) ? min : max;
}

async function playStep(lesson: string, step: Step): Promise<void> {
  const { progress, open } = lessons();
  switch (step.kind) {
    case 'predict': {
      expect(lockedParts(open!.lesson, progress!)).toEqual(step.locks);
      player.next();
      expect(now().id).toBe(step.id);
      player.answer(wrongAnswer(step.input, player.valueOf(step.truth)));
      player.commit();
      expect(lockedParts(open!.lesson, lessons().progress!)).toEqual([]);
      break;
    }
    case 'act': {
      const deeds = lookup(DEEDS, `${lesson} ${step.id}`);
      if (!deeds) throw new Error(`nothing is done for ${lesson} ${step.id}`);
      player.check();
      expect(isDone(lessons().progress!, step.id)).toBe(false);
      await deeds.wrong?.();
      player.check();
      expect(isDone(lessons().progress!, step.id)).toBe(false);
      player.hint();
      await deeds.right();
      void studio.controller.pipeline.refresh();
      await studio.until(() => player.valueOf(step.check) === true);
      player.check();
      expect(isDone(lessons().progress!, step.id)).toBe(true);
      break;
    }
    case 'observe':
      void studio.controller.pipeline.refresh();
      for (const { value } of step.figures) await studio.until(() => player.valueOf(value) !== undefined);
      break;
    case 'reflect':
      player.answer(wrongAnswer(step.input!, step.right));
      player.commit();
      expect(answerTo(lessons().progress!, step.id)).not.toBe(step.right);
  }
  player.next();
}

describe('the bundled lessons', () => {
  it('are fourteen, the last but one with five models', () => {
    expect(new Set(LIST.map(({ title }) => Number(/^\d+/.exec(title)![0])))).toEqual(new Set(Array.from({ length: 14 }, (_, i) => i + 1))); // prettier-ignore
    expect(LIST).toHaveLength(18);
    for (const { minutes } of LIST) expect(minutes).toBeLessThanOrEqual(15);
  });

  it.each(LIST.map(({ id }) => id))(
    '%s is played to its end',
    async (id) => {
      await player.openByName(id);
      expect(lessons().error).toBeNull();
      expect(lessons().open!.lesson.id).toBe(id);
      for (const step of lessons().open!.lesson.steps) await playStep(id, step);
      const { progress, open } = lessons();
      expect(progress!.finished).toBe(true);
      // Every prediction was held against what was measured; all of them were wrong.
      const compared = open!.lesson.steps.flatMap((step) => (step.kind === 'observe' && step.compare ? [step.compare] : [])); // prettier-ignore
      expect(progress!.truths.map(({ step }) => step).sort()).toEqual([...new Set(compared)].sort());
      expect(progress!.truths.some(({ right }) => right)).toBe(false);
      await studio.controller.training.stop();
      await studio.controller.pipeline.stop();
      player.close();
    },
    90_000,
  );
});

it('lessons start from the settings they name and from nothing else', async () => {
  studio.controller.edit(weights({ format: 'int4' }));
  await player.openByName('channels');
  expect(studio.store.getState().choices.present.settings).toEqual({ ...DEFAULT_SETTINGS, activations: { estimator: { id: 'minmax', params: {} } } }); // prettier-ignore
  expect(studio.store.getState().choices.past).toEqual([]);
  await studio.controller.pipeline.stop();
});
