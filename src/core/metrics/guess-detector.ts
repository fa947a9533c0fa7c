/** Whether the outputs are boxes, and how they are read. */
import type { Detection } from './detection/boxes';
import { headOf } from './detection/heads';
import { splitRow, type JudgedOutputs } from './output-parts';
import type { TaskFacts } from './guess-context';
import type { PartTask } from './guess-task';

/** Outputs that are boxes, where boxes are marked. */
export function detector(facts: TaskFacts): PartTask | null {
  const { outputs, probes, inputShape, answers } = facts;
  const { boxes } = answers;
  const [height, width] = inputShape;
  if (!boxes || inputShape.length !== 3) return null;
  const shapes = shapesOf(outputs);
  const head = headOf({
    shapes,
    input: { height, width },
    categories: boxes.categories,
    probes: probes.map((row) => splitRow(outputs, row)),
  });
  if (!head) return null;
  const known = new WeakMap<Float32Array, readonly Detection[]>();
  const detect = (row: Float32Array) => {
    let found = known.get(row);
    if (!found) known.set(row, (found = head.detect(splitRow(outputs, row))));
    return found;
  };
  const all = outputs.sizes.reduce((sum, n) => sum + n, 0);
  return {
    part: outputs.parts[0],
    task: 'detection',
    why: `boxes are marked, and the outputs are ${head.label}`,
    judged: { reading: { classes: all, threshold: 0.5 }, size: all, labelled: true, detect },
    truthOf: boxes.of,
    byRow: true,
  };
}

/** Of the outputs, parts put together again. */
function shapesOf({ tensors, parts }: JudgedOutputs): number[][] {
  return tensors.map((_, output) => {
    const own = parts.filter((part) => part.output === output);
    const [{ shape, slice }] = own;
    return shape.map((d, i) => (i === slice?.axis ? own.at(-1)!.slice!.to : d));
  });
}
