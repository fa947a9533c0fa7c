/** What runs are told apart by, wherever they were made. */
import { crc32 } from '../../base/crc32';
import { settingsKey } from '../../core/quantize/settings-key';
import type { QuantSettings } from '../../core/quantize/settings';
import type { DataSetView } from '../contract/protocol';

const checksum = (value: unknown) =>
  crc32(new TextEncoder().encode(JSON.stringify(value)))
    .toString(16)
    .padStart(8, '0');

/** Names the samples that scores are of: runs on others are not compared. */
export function runData(view: DataSetView, evaluationSamples: number, seed: number): string {
  const samples = checksum([view.preprocessing, view.samples, view.sampleShape]);
  return `${view.name}, ${evaluationSamples} samples, seed ${seed} (${samples})`;
}

/** @param data of {@link runData} */
export function runId(fingerprint: string, settings: QuantSettings, data: string): string {
  return `${checksum([fingerprint, settingsKey(settings)])}-${checksum(data)}`;
}
