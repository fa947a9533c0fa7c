import { lookup } from '../../base/lookup';
import { formatOf } from '../../core/number-formats/table';
import type { LayerView } from '../../jobs/contract/protocol';
import { layerFormat } from '../../state/edits/edits';
import { settingsOf } from '../../state/store';
import { FormatSelect } from './FormatSelect';
import { useController, useStudio } from '../app/studio';
import { useRuled } from '../panels/rules/use-ruled';

/** The number format of one layer's weights or output, where it is not the model's. */
export function FormatPicker({ layer, kind }: { layer: LayerView; kind: 'weights' | 'activations' }) {
  const controller = useController();
  const field = kind === 'weights' ? 'weightFormat' : 'activationFormat';
  const own = useStudio((state) => lookup(settingsOf(state).layers, layer.id)?.[field] ?? null);
  const usual = useStudio((state) => settingsOf(state)[kind].format);
  const ruled = useRuled(layer.id)[field];
  return (
    <FormatSelect
      label="as"
      kind={kind}
      value={own}
      inherited={ruled ?? usual}
      {...(ruled !== undefined && { inheritedText: `as a rule says: ${formatOf(ruled)?.label ?? ruled}` })}
      onChange={(id) => controller.edit(layerFormat(layer.id, kind, id))}
    />
  );
}
