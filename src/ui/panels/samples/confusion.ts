import type { Flip } from '../../../jobs/contract/judgement-protocol';

export interface Turn {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** How often each answer of the float model turned into each other one, most often first. */
export function confusionOf(flips: readonly Flip[]): Turn[] {
  const turns = new Map<string, { from: number; to: number; count: number }>();
  for (const { float, quantized } of flips) {
    const key = `${float.answer} ${quantized.answer}`;
    const turn = turns.get(key) ?? { from: float.answer, to: quantized.answer, count: 0 };
    turn.count++;
    turns.set(key, turn);
  }
  return [...turns.values()].sort((a, b) => b.count - a.count || a.from - b.from || a.to - b.to);
}
