import { lookup } from '../../../base/lookup';
import { formatOf } from '../../../core/number-formats/table';
import { int8Advantage } from '../../../core/quantize/input-format';
import type { ModelView } from '../../../jobs/contract/protocol';
import { inputFormat } from '../../../state/edits/edits';
import { shownCalibration } from '../../../state/slices/results';
import { settingsOf } from '../../../state/store';
import { FormatSelect, USUAL_FORMAT } from '../../fields/FormatSelect';
import { useController, useStudio } from '../../app/studio';

interface Props {
  readonly model: ModelView;
  /** Of the activations. */
  readonly format: string;
}

/** What the inputs are rounded to, which no layer writes: chosen, or as planning has it, with the reason. */
export function InputFormat({ model, format }: Props) {
  const controller = useController();
  const ids = model.inputs.map(({ id }) => id);
  const own = useStudio((state) => lookup(settingsOf(state).tensors, ids[0])?.format ?? null);
  const stats = useStudio((state) => lookup(shownCalibration(state.results)?.activations, ids[0]));
  const activations = formatOf(format);
  const chosen = formatOf(own ?? format);
  const spared = activations ? int8Advantage(activations.activations, stats) : 0;
  const lost = own !== null && chosen ? int8Advantage(chosen.activations, stats) : 0;
  const name = activations?.label ?? format;
  return (
    <>
      <FormatSelect
        label="Inputs as"
        kind="activations"
        value={own}
        inheritedText={spared > 0 ? 'INT8, as is best' : 'as activations'}
        inherited={spared > 0 ? USUAL_FORMAT : format}
        onChange={(id) => controller.edit(inputFormat(ids, id))}
      />
      {own === null && spared > 0 && (
        <p className="quiet formats-note">
          The inputs stay INT8: {name} would round what was seen {spared.toFixed(0)} dB worse. Floats of few bits are
          for values that differ by octaves, which pixels do not.
        </p>
      )}
      {lost > 0 && (
        <p className="quiet formats-note">
          INT8 would round the inputs {lost.toFixed(0)} dB better than {chosen?.label}.
        </p>
      )}
    </>
  );
}
