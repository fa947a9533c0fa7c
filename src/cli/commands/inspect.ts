import { BUDGET } from '../../base/budget';
import { printable } from '../../base/printable';
import { jobOf } from '../../jobs/host/table';
import type { TensorView } from '../../jobs/contract/protocol';
import { StudioSession } from '../../jobs/session/studio-session';
import type { InspectArgs } from '../options/inspect-options';
import { modelFiles } from '../files';
import { nodeHost } from '../node-host';
import { bytes, textTable } from '../text-table';
import { endingAfter } from '../watchdog';

/** By the signature, and by the tensor where that is another name. */
function nameOf({ id, signatureName }: TensorView): string {
  return signatureName === undefined || signatureName === id ? id : `${signatureName} (${id})`;
}

function classesInWords(names: readonly string[]): string {
  return `${names.length}, named by the file: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`;
}

/** Prints what a model is: its layers, shapes, parameters and multiply-accumulates. */
export async function inspect({ model, sizes, json }: InspectArgs): Promise<void> {
  const session = new StudioSession(nodeHost());
  const controls = { signal: new AbortController().signal, onProgress: () => undefined };
  const files = modelFiles(model);
  const open = () => jobOf('openModel')(session, { files, sizes }, controls);
  const view = await endingAfter(BUDGET.readingTime, model, open);
  if (json) {
    process.stdout.write(
      JSON.stringify(view, (_, v: unknown) => (ArrayBuffer.isView(v) ? [...(v as Int8Array)] : v), 2) + '\n',
    );
    return;
  }
  const shape = (dimensions: readonly number[]) => dimensions.map((d) => (d === -1 ? 'N' : d)).join('×');
  const heading = ['layer', 'op', 'output', 'parameters', 'MACs'];
  const rows = view.layers.map((layer) => [
    layer.name,
    layer.fusedActivation === 'none' ? layer.label : `${layer.label} + ${layer.fusedActivation}`,
    shape(layer.output.shape),
    layer.parameters.toLocaleString('en'),
    layer.macs.toLocaleString('en'),
  ]);
  const io = [...view.inputs.map((t) => ['input', t] as const), ...view.outputs.map((t) => ['output', t] as const)];
  const lines = [
    `${view.name}: ${view.format}${view.producer ? `, ${view.producer}` : ''}, ${bytes(view.fileBytes)}`,
    `${view.parameters.toLocaleString('en')} parameters, ${view.macs.toLocaleString('en')} MACs`,
    ...io.map(([kind, tensor]) => `${kind} ${nameOf(tensor)} ${shape(tensor.shape)} ${tensor.dtype}`),
    ...(view.classNames ? [`classes: ${classesInWords(view.classNames)}`] : []),
    ...view.notes.map((note) => `note: ${note}`),
    ...view.uncomputed.map(({ operator, name, reason }) => `not computed: ${operator} "${name}": ${reason}`),
    ...view.unknownOutputs.map((id) => `not computed: output ${id}`),
    '',
    textTable([heading, ...rows]),
    '',
  ];
  process.stdout.write(printable(lines.join('\n')));
}
