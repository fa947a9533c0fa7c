import { describe, expect, it } from 'vitest';
import type { LayerRow } from '../state/results/layer-rows';
import { ACTIONS, actionFor, type KeyPress } from './app/actions';
import { rowForKey } from './panels/layers/row-keys';

const press = (key: string, held: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe('actionFor', () => {
  it.each([
    ['Ctrl+Z', press('z', { ctrlKey: true }), ACTIONS.undo],
    ['Cmd+Z', press('z', { metaKey: true }), ACTIONS.undo],
    ['Ctrl+Shift+Z', press('Z', { ctrlKey: true, shiftKey: true }), ACTIONS.redo],
    ['Ctrl+Y', press('y', { ctrlKey: true }), ACTIONS.redo],
    ['/', press('/'), ACTIONS.search],
    ['Shift+? ', press('?', { shiftKey: true }), ACTIONS.help],
    ['Ctrl+Enter', press('Enter', { ctrlKey: true }), ACTIONS.refresh],
    ['T', press('t'), ACTIONS.train],
    ['Shift+T', press('T', { shiftKey: true }), ACTIONS.run],
    ['z alone', press('z'), null],
    ['Ctrl+L, which is the browser’s', press('l', { ctrlKey: true }), null],
    ['AltGr+Z', press('z', { ctrlKey: true, altKey: true }), null],
  ])('%s', (_, event, action) => expect(actionFor(event, false)).toBe(action));

  it('leaves typing alone, except for what cannot be typed', () => {
    expect(actionFor(press('/'), true)).toBeNull();
    expect(actionFor(press('z', { ctrlKey: true }), true)).toBeNull(); // undo of the text itself
    expect(actionFor(press('z', { ctrlKey: true }), true, true)).toBe(ACTIONS.undo); // nothing is typed yet
    expect(actionFor(press('l'), true, true)).toBeNull();
    expect(actionFor(press('Enter', { ctrlKey: true }), true)).toBe(ACTIONS.refresh);
  });

  it('knows each key press as one action at most', () => {
    const all = Object.values(ACTIONS);
    for (const key of ['z', 'Z', 'y', '/', '?', 'l', 'u', 't', 'T', 'Enter'])
      for (const held of [{}, { shiftKey: true }, { ctrlKey: true }, { ctrlKey: true, shiftKey: true }])
        expect(all.filter(({ match }) => match(press(key, held))).length).toBeLessThanOrEqual(1);
  });
});

describe('rowForKey', () => {
  const rows = Array.from({ length: 30 }, (_, i) => ({ layer: { id: `layer ${i}` } })) as unknown as LayerRow[];
  it.each([
    ['ArrowDown', 'layer 4', 'layer 5'],
    ['ArrowUp', 'layer 0', 'layer 0'],
    ['ArrowDown', 'layer 29', 'layer 29'],
    ['PageDown', 'layer 4', 'layer 14'],
    ['PageUp', 'layer 4', 'layer 0'],
    ['Home', 'layer 17', 'layer 0'],
    ['End', 'layer 17', 'layer 29'],
    ['ArrowDown', null, 'layer 0'],
    ['ArrowDown', 'a layer that the search hides', 'layer 0'],
    ['x', 'layer 4', null],
    ['constructor', 'layer 4', null],
  ])('%s from %s goes to %s', (key, from, to) => expect(rowForKey(key, rows, from)).toBe(to));

  it('has nowhere to go in an empty list', () => expect(rowForKey('ArrowDown', [], null)).toBeNull());
});
