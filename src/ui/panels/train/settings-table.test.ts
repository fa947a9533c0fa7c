import { describe, expect, it } from 'vitest';
import { checkQatSettings, DEFAULT_QAT, type QatSettings } from '../../../core/training/settings';
import { OPTIMIZERS } from '../../../core/training/optimizers';
import { SCHEDULES } from '../../../core/training/schedules';
import { SETTINGS, settingsInWords, shownSettings, type SettingId } from './settings-table';

const IDS = Object.keys(SETTINGS) as SettingId[];
const refuses = (change: Partial<QatSettings>) => () => checkQatSettings({ ...DEFAULT_QAT, ...change });

describe('the form of training settings', () => {
  it('has a row for every setting there is', () => {
    expect([...IDS].sort()).toEqual(Object.keys(DEFAULT_QAT).sort());
    expect(Object.keys(SETTINGS.optimizer.choices).sort()).toEqual(Object.keys(OPTIMIZERS).sort());
    expect(Object.keys(SETTINGS.schedule.choices).sort()).toEqual(Object.keys(SCHEDULES).sort());
  });

  it.each(IDS.filter((id) => SETTINGS[id].kind === 'number'))('%s: its bounds are those that the job checks', (id) => {
    const row = SETTINGS[id];
    if (row.kind !== 'number') return;
    for (const value of [row.min, row.max]) expect(refuses({ [id]: value })).not.toThrow();
    if (id === 'seed') return; // any whole number does
    expect(refuses({ [id]: row.min - (row.whole ? 1 : 0.001) })).toThrow();
    if (row.max < 1e6) expect(refuses({ [id]: row.max + (row.whole ? 1 : 0.001) })).toThrow();
    if (row.whole) expect(refuses({ [id]: row.min + 0.5 })).toThrow();
  });

  it('leaves out what would change nothing', () => {
    const shown = (settings: Partial<QatSettings>) => shownSettings({ ...DEFAULT_QAT, ...settings }, true);
    expect(shown({ ranges: 'learned' })).toContain('rangeLearningRate');
    expect(shown({ ranges: 'learned' })).not.toContain('freezeAfter');
    expect(shown({ ranges: 'observed' })).toContain('freezeAfter');
    expect(shown({ teacher: 'labels' })).not.toContain('temperature');
    expect(shownSettings(DEFAULT_QAT, false)).toEqual(['epochs', 'learningRate', 'ranges', 'teacher', 'samples']);
  });

  it('says a choice in a line', () => {
    expect(settingsInWords(DEFAULT_QAT)).toBe('5 epochs · batches of 32 · Adam at 0.01 · ranges learned · seed 42');
  });
});
