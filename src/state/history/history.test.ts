import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amend, push, redo, seal, startHistory, undo, withdraw } from './history';

describe('history', () => {
  it('undoes any sequence of pushes back to the start and redoes it to the end', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 50 }), (values) => {
        const boxed = values.map((value) => ({ value }));
        const start = startHistory({ value: NaN });
        const end = boxed.reduce((history, value) => push(history, value), start);
        let history = end;
        for (let i = boxed.length - 1; i >= 0; i--) {
          expect(history.present).toBe(boxed[i]);
          history = undo(history);
        }
        expect(history.present).toBe(start.present);
        for (const value of boxed) expect((history = redo(history)).present).toBe(value);
      }),
    );
  });

  it('makes one step of a gesture, and another of the next', () => {
    let history = startHistory(0);
    for (const value of [1, 2, 3]) history = push(history, value, 'drag 1');
    history = push(seal(history), 4, 'drag 1');
    expect(history.past).toEqual([0, 3]);
    expect(undo(undo(history)).present).toBe(0);
  });

  it('does not coalesce into a step that was undone to', () => {
    const history = undo(push(push(startHistory(0), 1, 'a'), 2, 'b'));
    expect(push(history, 5, 'a').past).toEqual([0, 1]);
  });

  it('drops what was undone when something new happens', () => {
    const history = push(undo(push(startHistory(0), 1)), 2);
    expect(redo(history)).toBe(history);
  });

  it('forgets a step that is withdrawn', () => {
    const history = withdraw(push(push(startHistory(0), 1), 2, 'drag'));
    expect(history.present).toBe(1);
    expect(redo(history)).toBe(history);
  });

  it('makes no step of a change that changes nothing, nor of an amendment', () => {
    const history = push(startHistory(0), 1);
    expect(push(history, 1)).toBe(history);
    expect(undo(amend(history, 9)).present).toBe(0);
  });

  it('forgets the oldest of more than 200 steps', () => {
    let history = startHistory(0);
    for (let i = 1; i <= 300; i++) history = push(history, i);
    while (history.past.length > 0) history = undo(history);
    expect(history.present).toBe(100);
  });
});
