import type { QuantSettings } from './settings';
import { INT8_ACTIVATION, INT8_WEIGHT, type AnyFormat } from '../number-formats/format';
import { formatOf } from '../number-formats/table';

type Formats = Pick<QuantSettings, 'weights' | 'activations' | 'layers'>;

const weightsOf = ({ weights }: Formats): AnyFormat => formatOf(weights.format ?? 'int8')?.weights ?? INT8_WEIGHT;
const activationsOf = ({ activations }: Formats): AnyFormat =>
  formatOf(activations.format ?? 'int8')?.activations ?? INT8_ACTIVATION;

/** "W4A8" for integers, else the formats' names; layers with formats of their own are counted. */
export function formatsInWords(settings: Formats): string {
  const [weights, activations] = [weightsOf(settings), activationsOf(settings)];
  const name = (id: string | undefined) => formatOf(id ?? 'int8')?.label ?? id;
  const short =
    weights.kind === 'int' && activations.kind === 'int'
      ? `W${weights.bits}A${activations.bits}`
      : `weights ${name(settings.weights.format)}, activations ${name(settings.activations.format)}`;
  const own = Object.values(settings.layers).filter((layer) => layer.weightFormat ?? layer.activationFormat).length;
  return own === 0 ? short : `${short}, ${own} ${own === 1 ? 'layer' : 'layers'} otherwise`;
}

/** What something was lost to: "4 bits", or the formats where that would not say it all. */
export function bitsInWords(settings: Formats): string {
  const [weights, activations] = [weightsOf(settings), activationsOf(settings)];
  const plain = weights.kind === 'int' && activations.kind === 'int' && weights.bits === activations.bits;
  const words = formatsInWords(settings);
  return plain && /^\w+$/.test(words) ? `${weights.bits} bits` : words;
}
