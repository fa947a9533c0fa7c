import type { LayerView } from '../../jobs/protocol';
import { layerFormat } from '../../state/edits';
import { settingsOf } from '../../state/store';
import { FormatSelect } from '../parts/FormatSelect';
import { useController, useStudio } from '../studio';

/** The number format of one layer's weights or output, where it is not the model's. */
export function FormatPicker({ layer, kind }: { layer: LayerView; kind: 'weights' | 'activations' }) {
  const controller = useController();
  const own = useStudio((state) => {
    const override = settingsOf(state).layers[layer.id];
    return (kind === 'weights' ? override?.weightFormat : override?.activationFormat) ?? null;
  });
  const inherited = useStudio((state) => settingsOf(state)[kind].format);
  return (
    <FormatSelect
      label="as"
      value={own}
      inherited={inherited}
      onChange={(id) => controller.edit(layerFormat(layer.id, kind, id))}
    />
  );
}
