/** Nodes as the first releases of the operator set had them, before 7, in the words of the seventh. */
import { elementType, integerConstant, typeCode } from './constant';
import { isConstantValue, OnnxNode, type Scope, type Value } from './node';
import { NO_ATTRIBUTE } from './proto/no-attribute';
import type { Message } from './proto/schema';

/** The release from which operands are broadcast as numpy does. */
const NUMPY_BROADCASTING = 7;

/** A model under way that names may be added to. */
interface DefiningScope extends Scope {
  define(name: string, value: Value): void;
}

type Node = Message<'NodeProto'>;
type Attribute = Message<'AttributeProto'>;

const BROADCASTING: ReadonlySet<string> = new Set([
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'And',
  'Or',
  'Xor',
  'Equal',
  'Greater',
  'Less',
]);

/** The node in today's words; what its operands have to be reshaped to is added to the model. */
export function modernized(message: Node, scope: DefiningScope): Node {
  if (scope.opset >= NUMPY_BROADCASTING) return message;
  const node = new OnnxNode(scope, message);
  const { attrs } = node;
  if (BROADCASTING.has(node.type) && attrs.has('axis')) return aligned(message, node, scope, attrs.int('axis', 0));
  switch (node.type) {
    case 'PRelu':
      return node.shape(1).length === 1 ? aligned(message, node, scope, 1) : message;
    case 'Pad':
      return renamed(message, 'paddings', 'pads');
    case 'Concat':
      return attrs.has('axis') || scope.opset >= 4 ? message : withAttributes(message, { name: 'axis', i: 1 });
    case 'Cast': {
      const type = elementType(attrs.text('to', ''));
      return type ? withAttributes(message, { name: 'to', i: typeCode(type) }) : message;
    }
    case 'Upsample': {
      const [height, width] = [attrs.float('height_scale', 1), attrs.float('width_scale', 1)];
      const scales = Float32Array.of(1, 1, height, width);
      return attrs.has('height_scale') ? withAttributes(message, { name: 'scales', floats: scales }) : message;
    }
    case 'Tile':
      return scope.opset < 6 && node.has(2) ? tiled(message, node, scope) : message;
    default:
      return message;
  }
}

/** The second operand with ones behind its dimensions, so that these stand at the axis of the first. */
function aligned(message: Node, node: OnnxNode, scope: DefiningScope, axis: number): Node {
  const [a, b] = [node.shape(0), node.shape(1)];
  const behind = a.length - node.axis(axis, a.length) - b.length;
  if (behind <= 0) return message;
  const shape = [...b, ...Array<number>(behind).fill(1)];
  const name = `${message.input[1]}/along ${axis} of ${a.length}`;
  const value = node.value(1);
  scope.define(
    name,
    isConstantValue(value) ? { ...value, shape } : node.step('aligned', 'reshape', [value], { shape }),
  );
  return { ...message, input: message.input.with(1, name) };
}

/** How often one axis is repeated, as how often each is. */
function tiled(message: Node, node: OnnxNode, scope: DefiningScope): Node {
  const rank = node.shape(0).length;
  const axis = node.axis(node.known(2, 'axis').values[0] ?? 0, rank);
  const repeats = Array.from({ length: rank }, (_, i) => (i === axis ? node.known(1, 'repeats').values[0] : 1));
  const name = `${node.name}/repeats`;
  scope.define(name, integerConstant([rank], repeats));
  return { ...message, input: [message.input[0], name] };
}

function renamed(message: Node, from: string, to: string): Node {
  const attribute = message.attribute.map((given) => (given.name === from ? { ...given, name: to } : given));
  return { ...message, attribute };
}

function withAttributes(message: Node, changed: Partial<Attribute> & { readonly name: string }): Node {
  const others = message.attribute.filter(({ name }) => name !== changed.name);
  return { ...message, attribute: [...others, { ...NO_ATTRIBUTE, ...changed }] };
}
