/**
 * Makes what lies in public/samples, from seeds alone: npm run samples [-- data] [-- train] [-- twin] [-- lessons]
 * Without a word all of it; `twin` and `lessons` start from the trained network on disk.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Random } from '../../src/base/random';
import type { SourceFile } from '../../src/core/data/types';
import { readModel } from '../../src/core/model-formats/read-model';
import { writeTflite } from '../../src/core/model-formats/tflite/write';
import { normalize } from '../../src/core/graph/passes/normalize';
import { initBackend } from '../../src/engine/tfjs/backend';
import { registerWasmGradients } from '../../src/engine/tfjs/gradients/register';
import { nodeHost } from '../../src/engine/tfjs/node-host';
import { digitSet, type DigitSet } from './digits/set';
import { SIZE } from './digits/draw';
import { registerFastTile } from './fast-tile';
import { fromFiles, toFiles, type LayersFiles } from './layers-files';
import { buildNetwork } from './network';
import { writeNpz } from './npz';
import { rescale } from './rescale';
import { deadChannel, outlierChannel, unequalConcat } from './diseases';
import { SAMPLES } from './samples';
import { TAILS_WIDTH, tailsNetwork } from './tails';
import { accuracyOf, answersOf, trainNetwork } from './train';

const FOLDER = join(import.meta.dirname, '../../public/samples');

/** Training and the pictures to calibrate and evaluate with come of different seeds. */
const SEEDS = { training: 1, test: 2, network: 3, order: 4, factors: 5, twinFactors: 9, tails: 14, tailsInputs: 15 };
const TEST_IMAGES = 1600;
const TRAINING_IMAGES = 20_000;
/** For training in the page, which must not take all of the bandwidth: the first of the training set. */
const SHIPPED_TRAINING_IMAGES = 4000;
/** Of either rescaling; see README.md for why the original gets one, too. */
const OCTAVES = 1;

const STAGES: Readonly<Record<string, () => Promise<void>>> = {
  async data() {
    const npz = ({ x, y, count }: DigitSet) =>
      writeNpz({ x: { shape: [count, SIZE, SIZE, 1], data: x }, y: { shape: [count], data: y } });
    write('digits/digits.npz', npz(digitSet(TEST_IMAGES, SEEDS.test)));
    write('digits/digits-train.npz', npz(digitSet(SHIPPED_TRAINING_IMAGES, SEEDS.training)));
  },

  async train() {
    registerWasmGradients();
    registerFastTile();
    const model = buildNetwork(SEEDS.network);
    const [training, test] = [digitSet(TRAINING_IMAGES, SEEDS.training), digitSet(TEST_IMAGES, SEEDS.test)];
    const started = performance.now();
    await trainNetwork(model, training, {
      epochs: 7,
      batch: 64,
      learningRate: 0.006,
      seed: SEEDS.order,
      onEpoch: (epoch, loss) => {
        const seconds = Math.round((performance.now() - started) / 1000);
        console.log(`epoch ${epoch}: loss ${loss.toFixed(4)}, test accuracy ${accuracyOf(model, test)}, ${seconds} s`);
      },
    });
    rescale(model, OCTAVES, SEEDS.factors);
    writeModel('digits/model', await toFiles(model));
  },

  async twin() {
    const model = await fromFiles(readModelFiles('digits/model'));
    const test = digitSet(200, SEEDS.test);
    const before = answersOf(model, test);
    rescale(model, OCTAVES, SEEDS.twinFactors);
    const difference = answersOf(model, test).reduce((most, p, i) => Math.max(most, Math.abs(p - before[i])), 0);
    if (difference > 1e-6) throw new Error(`The twin's probabilities are off by ${difference}.`);
    writeModel('digits-rescaled/model', await toFiles(model));
    const files = SAMPLES[0].model.map((path): SourceFile => ({ path, bytes: readFileSync(join(FOLDER, path)) }));
    write('digits/digits.tflite', writeTflite(normalize(await readModel(files))));
    write('index.json', new TextEncoder().encode(JSON.stringify(SAMPLES, null, 2) + '\n'));
  },

  async lessons() {
    const files = SAMPLES[0].model.map((path): SourceFile => ({ path, bytes: readFileSync(join(FOLDER, path)) }));
    const digits = normalize(await readModel(files));
    const models = {
      'mystery-a': outlierChannel(digits),
      'mystery-b': deadChannel(digits),
      'mystery-c': unequalConcat(digits),
    };
    for (const [name, graph] of Object.entries(models)) write(`lessons/${name}.tflite`, writeTflite(graph));
    write('lessons/tails.tflite', writeTflite(tailsNetwork(SEEDS.tails)));
    const random = new Random(SEEDS.tailsInputs);
    const x = Uint8Array.from({ length: 300 * TAILS_WIDTH }, () =>
      Math.min(255, Math.max(0, 128 + 32 * random.gaussian())),
    );
    write('lessons/tails.npz', writeNpz({ x: { shape: [300, TAILS_WIDTH], data: x } }));
  },
};

function write(path: string, bytes: Uint8Array | string): void {
  const full = join(FOLDER, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, bytes);
  console.log(`${path}: ${bytes.length.toLocaleString('en')} bytes`);
}

function writeModel(folder: string, { json, weights }: LayersFiles): void {
  write(`${folder}/model.json`, json);
  write(`${folder}/weights.bin`, weights);
}

function readModelFiles(folder: string): LayersFiles {
  return {
    json: readFileSync(join(FOLDER, folder, 'model.json'), 'utf8'),
    weights: readFileSync(join(FOLDER, folder, 'weights.bin')),
  };
}

const asked = process.argv.slice(2);
await initBackend(nodeHost());
for (const [name, stage] of Object.entries(STAGES)) if (asked.length === 0 || asked.includes(name)) await stage();
