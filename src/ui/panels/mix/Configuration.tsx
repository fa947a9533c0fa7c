import { lookup } from '../../../base/lookup';
import { PRECISIONS, type Precisions } from '../../../core/search/precisions';
import type { OpId } from '../../../core/graph/graph';
import { Hint } from '../../parts/Tip';

interface Props {
  /** In the order of the graph. */
  readonly layers: readonly { readonly id: OpId; readonly name: string }[];
  readonly precisions: Precisions;
}

/** "INT4: conv, dense. INT8: pool." */
function formatsText(layers: Props['layers'], precisions: Precisions): string {
  return PRECISIONS.flatMap(({ id, label }) => {
    const names = layers.filter((layer) => lookup(precisions, layer.id) === id).map(({ name }) => name);
    return names.length > 0 ? [`${label}: ${names.join(', ')}.`] : [];
  }).join(' ');
}

/** A cell for each layer, by its format; the counts beside it say the same in words. */
export function Configuration({ layers, precisions }: Props) {
  return (
    <Hint text={formatsText(layers, precisions)}>
      <span className="visually-hidden">Formats of the layers</span>
      <span className="configuration" aria-hidden="true">
        {layers.map(({ id }) => (
          <i key={id} data-precision={lookup(precisions, id)} />
        ))}
      </span>
    </Hint>
  );
}
