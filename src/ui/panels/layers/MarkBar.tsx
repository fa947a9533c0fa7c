import { patch } from '../../../state/store';
import { useStudio, useStudioStore } from '../../app/studio';

interface Props {
  readonly count: number;
  /** Layers in the list as it is searched. */
  readonly all: number;
  readonly onAll: () => void;
  readonly onDone: () => void;
}

/** How many layers are selected together, and where to change them; under the list, so that it can be reached on a phone, too. */
export function MarkBar({ count, all, onAll, onDone }: Props) {
  const store = useStudioStore();
  const tab = useStudio((state) => state.ui.tab);
  return (
    <div className="mark-bar" role="status">
      <span>{count === 0 ? 'Tap layers to select them' : `${count} selected`}</span>
      {count < all && (
        <button type="button" className="button small bare" onClick={onAll}>
          All {all}
        </button>
      )}
      {count > 1 && (
        <button
          type="button"
          className="button small to-view"
          data-shown={tab === 'layer'}
          onClick={() => {
            patch(store, 'ui', { tab: 'layer', place: 'view' });
            document.getElementById('view')?.scrollIntoView({ block: 'start' });
          }}
        >
          Change together
        </button>
      )}
      <button type="button" className="button small bare" onClick={onDone}>
        Done
      </button>
    </div>
  );
}
