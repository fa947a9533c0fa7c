/** Names trained weights by all that they come of. */
import { canonicalJson } from '../../base/canonical-json';
import { crc32 } from '../../base/crc32';
import { settingsKey } from '../../core/quantize/settings-key';
import type { QatCheckpoint } from '../../core/training/checkpoint';
import type { TrainingSplit } from '../../core/training/training-split';
import type { QatSpec } from '../contract/qat-protocol';
import type { OpenData, Session } from '../session/session';

/** Samples whose values stand for those of the data, evenly spaced: all of them would cost as much as an epoch. */
const LOOKED_AT = 64;

interface Parts {
  readonly spec: QatSpec;
  readonly split: TrainingSplit;
  readonly backend: string;
}

/**
 * The same for the same model, data, split, preprocessing, settings and backend, of which the same weights come; another
 * where any of these is another one.
 */
export async function trainingId({ model, data }: Session, { spec, split, backend }: Parts): Promise<string> {
  const { settings, training, from } = spec;
  return textId([
    model.view.fingerprint,
    await dataId(data, split),
    settingsKey(settings),
    training,
    backend,
    from ? checkpointId(from) : null,
  ]);
}

/** Of the labels, of which samples are for what, and of some samples as the model gets them. */
async function dataId({ source, reader, preprocessing }: OpenData, split: TrainingSplit): Promise<string> {
  const step = Math.max(1, Math.floor(source.size / LOOKED_AT));
  const samples: number[] = [];
  for (let i = 0; i < source.size && samples.length < LOOKED_AT; i += step) samples.push(bytesId(await reader.read(i)));
  return textId([
    source.size,
    source.labels ? bytesId(source.labels) : null,
    source.targets ? bytesId(source.targets.values) : null,
    bytesId(split.train),
    bytesId(split.validation),
    preprocessing,
    samples,
  ]);
}

function checkpointId({ weights, biases, activations, epoch }: QatCheckpoint): string {
  const values = Object.entries(weights).map(([id, { values, scale }]) => [
    id,
    bytesId(values),
    scale ? bytesId(scale) : null,
  ]);
  return textId([values, Object.entries(biases).map(([id, bias]) => [id, bytesId(bias)]), activations, epoch]);
}

function textId(parts: unknown): string {
  return bytesId(new TextEncoder().encode(canonicalJson(parts)))
    .toString(16)
    .padStart(8, '0');
}

function bytesId({ buffer, byteOffset, byteLength }: ArrayBufferView): number {
  return crc32(new Uint8Array(buffer, byteOffset, byteLength));
}
