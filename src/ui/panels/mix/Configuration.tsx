import { lookup } from '../../../base/lookup';
import { precisionOf, type Precisions } from '../../../core/search/precisions';
import type { OpId } from '../../../core/graph/graph';

interface Props {
  /** In the order of the graph. */
  readonly layers: readonly { readonly id: OpId; readonly name: string }[];
  readonly precisions: Precisions;
}

/** A cell for each layer, by its format; the counts beside it say the same in words. */
export function Configuration({ layers, precisions }: Props) {
  return (
    <span className="configuration" aria-hidden="true">
      {layers.map(({ id, name }) => (
        <i
          key={id}
          data-precision={lookup(precisions, id)}
          title={`${name}: ${precisionOf(lookup(precisions, id) ?? '')?.label ?? '–'}`}
        />
      ))}
    </span>
  );
}
