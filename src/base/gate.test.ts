import { describe, expect, it } from 'vitest';
import { Gate, passAll } from './gate';

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

function arrive(pass: Promise<void>) {
  const traveller = { through: false };
  void pass.then(() => (traveller.through = true));
  return traveller;
}

describe('Gate', () => {
  it('lets through while it is open, holds all who come while it is closed', async () => {
    const gate = new Gate();
    const { signal } = new AbortController();
    const early = arrive(gate.pass(signal));
    gate.set(false);
    const held = [arrive(gate.pass(signal)), arrive(gate.pass(signal))];
    await settled();
    expect([early, ...held].map(({ through }) => through)).toEqual([true, false, false]);
    gate.set(true);
    await settled();
    expect(held.map(({ through }) => through)).toEqual([true, true]);
  });

  it('holds on to who has not left when it closes again', async () => {
    const gate = new Gate();
    gate.set(false);
    const held = arrive(gate.pass(new AbortController().signal));
    gate.set(true);
    gate.set(false);
    await settled();
    expect(held.through).toBe(false);
  });

  it('lets go of who is told to stop', async () => {
    const gate = new Gate();
    gate.set(false);
    const stop = new AbortController();
    const held = arrive(gate.pass(stop.signal));
    await settled();
    expect(held.through).toBe(false);
    stop.abort();
    await settled();
    expect(held.through).toBe(true);
  });

  it('tells of changes only, until nobody listens', () => {
    const gate = new Gate();
    const seen: boolean[] = [];
    const forget = gate.onChange(() => seen.push(gate.isOpen));
    gate.set(true);
    gate.set(false);
    gate.set(false);
    gate.set(true);
    forget();
    gate.set(false);
    expect(seen).toEqual([false, true]);
  });

  it('several are passed together: the first may close while the second is waited at', async () => {
    const [a, b] = [new Gate(), new Gate()];
    b.set(false);
    const both = arrive(passAll([a, b], new AbortController().signal));
    await settled();
    a.set(false);
    b.set(true);
    await settled();
    expect(both.through).toBe(false);
    a.set(true);
    await settled();
    expect(both.through).toBe(true);
  });
});
