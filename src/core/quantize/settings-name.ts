import { formatsInWords } from './formats-in-words';
import { DEFAULT_SETTINGS, type QuantSettings } from './settings';

/** What tells settings from others, in a few words: "W4A8, per tensor, adaround, QAT". */
export function settingsName(settings: QuantSettings): string {
  const { weights, algorithms = [], tensors, rules = [], trained } = settings;
  const own = Object.keys(tensors).length;
  const chosen = (['weights', 'activations'] as const)
    .map((of) => ({ id: settings[of].estimator.id, usual: DEFAULT_SETTINGS[of].estimator.id }))
    .filter(({ id, usual }) => id !== usual);
  return [
    formatsInWords(settings),
    weights.granularity !== 'channel' && `per ${weights.granularity}`,
    ...new Set(chosen.map(({ id }) => id)),
    algorithms.length > 0 && algorithms.map(({ id }) => id).join(' + '),
    rules.length > 0 && `${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`,
    trained === undefined && own > 0 && `${own} own ${own === 1 ? 'range' : 'ranges'}`,
    trained !== undefined && 'QAT',
  ]
    .filter(Boolean)
    .join(', ');
}
