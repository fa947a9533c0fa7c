/** A model card in Markdown, with the front matter that model hubs read (Hugging Face's model card metadata). */
import { bytesText, scoresOf } from './score-words';
import type { Report } from './report';

/** @param fileName of the exported model, which the card lies beside */
export function modelCard(report: Report, fileName: string): string {
  const { model, data, accuracy, size, runtime, settings, layers } = report;
  const { metric, samples } = accuracy;
  const { before, after } = scoresOf(report);
  // Hubs call the share of right answers so.
  const type = metric === 'top1' ? 'accuracy' : metric;
  const kept = layers.filter(({ keptFloat }) => keptFloat !== undefined);
  const front = [
    '---',
    'library_name: tflite',
    'tags:',
    '  - quantized',
    '  - tflite',
    'model-index:',
    `  - name: ${quoted(model.name)}`,
    '    results:',
    '      - dataset:',
    `          name: ${quoted(data.name)}`,
    `          type: ${quoted(data.kind)}`,
    '        metrics:',
    `          - type: ${type}`,
    `            value: ${accuracy.file ?? accuracy.quantized ?? 'null'}`,
    '---',
  ];
  return [
    ...front,
    '',
    `# ${line(model.name)}, quantized`,
    '',
    `\`${line(fileName)}\` was made from a float model (${line(model.format)}, ${model.parameters.toLocaleString('en')} parameters) with Rangefinder.`,
    '',
    '| | float | quantized |',
    '| --- | --- | --- |',
    `| ${type} on ${samples.toLocaleString('en')} samples | ${before} | ${after} |`,
    `| size | ${bytesText(size.float)} | ${bytesText(size.quantized)} |`,
    ...(runtime
      ? [
          `| time per inference, ${line(runtime.name)} | ${time(runtime.latencyMs.float)} | ${time(runtime.latencyMs.quantized)} |`,
        ]
      : []),
    '',
    '## How to use it',
    '',
    `Inputs: ${model.inputs.map(({ name, shape }) => `\`${line(name)}\` ${shape.join(' × ')}`).join(', ')}. ${line(data.preprocessing)}`,
    '',
    '## How it was quantized',
    '',
    `Calibrated on ${data.calibrationSamples} samples of ${line(data.name)} (seed ${data.seed}), evaluated on ${data.evaluationSamples} others.`,
    kept.length > 0 ? `${kept.length} of ${layers.length} layers stay in float.` : 'All layers are quantized.',
    '',
    '```json',
    JSON.stringify(settings),
    '```',
    '',
    '## How it was checked',
    '',
    runtime
      ? `The file was run in ${line(runtime.name)}: ${runtime.mismatches === 0 ? 'every one' : `all but ${runtime.mismatches.toLocaleString('en')}`} of ${runtime.elements.toLocaleString('en')} values in ${runtime.tensors} tensors equals integer arithmetic (${line(runtime.profile)}).`
      : 'The file was not run.',
    '',
  ].join('\n');
}

const time = (value: number | null) => (value === null ? '–' : `${value.toFixed(2)} ms`);
const quoted = (text: string) => JSON.stringify(text);
/** One line, in which nothing is Markdown. */
const line = (text: string) => text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>|#]/g, '\\$&');
