import { settingsName } from '../quantize/settings-name';
import { DEFAULT_QAT, type QatSettings } from '../training/settings';
import type { Trial } from './trial';

/** What is tried, in a few words: "W4A4, mse, QAT epochs 2". */
export function trialName({ settings, improve, training }: Pick<Trial, 'settings' | 'improve' | 'training'>): string {
  return [settingsName(settings), improve && 'improve', training && trainingName(training)].filter(Boolean).join(', ');
}

/** The choices that are not the usual ones. */
function trainingName(training: Partial<QatSettings>): string {
  const own = (Object.keys(training) as (keyof QatSettings)[]).filter(
    (key) => key !== 'backend' && key !== 'seed' && training[key] !== DEFAULT_QAT[key],
  );
  return ['QAT', ...own.map((key) => `${key} ${training[key]}`)].join(' ');
}
