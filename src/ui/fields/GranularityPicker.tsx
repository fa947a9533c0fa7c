import { lookup } from '../../base/lookup';
import { granularityText } from '../../core/quantize/rule-text';
import type { LayerView } from '../../jobs/contract/protocol';
import { changeLayers } from '../../state/edits/edits';
import { settingsOf } from '../../state/store';
import { GranularitySelect } from './GranularitySelect';
import { useController, useStudio } from '../app/studio';
import { useRuled } from '../panels/rules/use-ruled';

/** Who shares a scale among one layer's weights, where it is not as in the model. */
export function GranularityPicker({ layer }: { layer: LayerView }) {
  const controller = useController();
  const own = useStudio((state) => lookup(settingsOf(state).layers, layer.id)?.granularity ?? null);
  const usual = useStudio((state) => settingsOf(state).weights.granularity);
  const { granularity: ruled } = useRuled(layer.id);
  return (
    <GranularitySelect
      label="per"
      value={own}
      inherited={ruled ?? usual}
      {...(ruled !== undefined && { inheritedText: `as a rule says: ${granularityText(ruled)}` })}
      onChange={(value) => controller.edit(changeLayers([layer.id], { granularity: value }))}
    />
  );
}
