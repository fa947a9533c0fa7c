/** Einstein's sums of one or two tensors, as transposes around one matrix product. */
import { elementCount, type TensorId } from '../../../graph/graph';
import { transposed } from '../layouts';
import type { OnnxNode } from '../node';
import type { OpRows } from './row';

interface Equation {
  readonly operands: readonly string[];
  readonly result: string;
}

/** Without "...": letters that occur twice in one operand, a diagonal, are refused, too. */
function equationOf(node: OnnxNode): Equation {
  const text = node.attrs.text('equation', '').replaceAll(' ', '');
  if (!/^[a-zA-Z]*(,[a-zA-Z]*)*(->[a-zA-Z]*)?$/.test(text)) return node.refuse(`its equation is "${text}"`);
  const [left, right] = text.split('->') as [string, string | undefined];
  const operands = left.split(',');
  if (operands.some((letters) => new Set(letters).size !== letters.length)) node.refuse('it takes a diagonal');
  // Left out, the result has the letters that occur once, in alphabetical order.
  const once = [...left.replaceAll(',', '')].filter(
    (letter, _, all) => all.indexOf(letter) === all.lastIndexOf(letter),
  );
  return { operands, result: right ?? once.sort().join('') };
}

function permuted(node: OnnxNode, x: TensorId, from: string, to: string): TensorId {
  return from === to
    ? x
    : transposed(
        node,
        x,
        [...to].map((letter) => from.indexOf(letter)),
        'ordered',
      );
}

/** An operand without the letters that occur nowhere else. */
function summed(node: OnnxNode, x: TensorId, letters: string, needed: string): { x: TensorId; letters: string } {
  const axes = [...letters].flatMap((letter, axis) => (needed.includes(letter) ? [] : [axis]));
  if (axes.length === 0) return { x, letters };
  const kept = [...letters].filter((letter) => needed.includes(letter)).join('');
  return { x: node.step('sum', 'sum', [x], { axes, keepDims: false }), letters: kept };
}

function einsum(node: OnnxNode): TensorId {
  const { operands, result } = equationOf(node);
  if (operands.length !== node.inputs.length || operands.length > 2) node.refuse(`it joins ${operands.length} tensors`);
  if ([...result].some((letter) => !operands.join('').includes(letter)))
    node.refuse('its result has letters of its own');
  const sizes = new Map<string, number>();
  operands.forEach((letters, i) => {
    const shape = node.shape(i);
    if (shape.length !== letters.length) node.refuse(`"${letters}" does not suit [${shape.join(', ')}]`);
    [...letters].forEach((letter, axis) => sizes.set(letter, Math.max(sizes.get(letter) ?? 1, shape[axis])));
  });
  const [first, second] = operands as [string, string | undefined];
  const a = summed(node, node.tensor(0), first, result + (second ?? ''));
  if (second === undefined) return permuted(node, a.x, a.letters, result);

  const b = summed(node, node.tensor(1), second, result + first);
  const letters = (of: string, keep: (letter: string) => boolean) => [...of].filter(keep).join('');
  const both = (letter: string) => a.letters.includes(letter) && b.letters.includes(letter);
  const batch = letters(result, both);
  const inner = letters(a.letters, (letter) => both(letter) && !result.includes(letter));
  const rows = letters(a.letters, (letter) => !both(letter));
  const columns = letters(b.letters, (letter) => !both(letter));
  const count = (of: string) => elementCount([...of].map((letter) => sizes.get(letter)!));
  const matrix = (x: TensorId, from: string, to: readonly [string, string, string]) =>
    node.step('matrix', 'reshape', [permuted(node, x, from, to.join(''))], { shape: to.map(count) });
  const product = node.step(
    'product',
    'batchMatMul',
    [matrix(a.x, a.letters, [batch, rows, inner]), matrix(b.x, b.letters, [batch, inner, columns])],
    { transposeX: false, transposeY: false },
  );
  const joined = batch + rows + columns;
  const shape = [...joined].map((letter) => sizes.get(letter)!);
  return permuted(node, node.step('dimensions', 'reshape', [product], { shape }), joined, result);
}

export const EINSUM_OPS: OpRows = { Einsum: { translate: einsum } };
