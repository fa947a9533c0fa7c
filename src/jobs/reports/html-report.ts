/**
 * The report as one page that needs nothing else: it opens offline, prints well, and carries the work it is about, so that
 * it can be dropped on the studio like a project. Everything from a file is escaped; no script runs in it.
 */
import type { Manifest } from '../../core/project/manifest';
import type { Report } from './report';
import { comparedText } from '../contract/verify-choice';
import { metricInfo } from '../../core/metrics/table';
import { bytesText, scoresOf } from './score-words';
import { escaped, htmlPage, pairs } from './html-page';
import { layerChart, sizeChart } from './report-charts';

export interface HtmlParts {
  readonly report: Report;
  /** The work, to be taken up again; absent where there is none to take up. */
  readonly project?: Manifest;
  /** When, where and by what: "Firefox 140 on Linux". */
  readonly environment: readonly (readonly [name: string, value: string])[];
}

export function htmlReport({ report, project, environment }: HtmlParts): string {
  const { model, data, accuracy, size, runtime } = report;
  const { metric, samples } = accuracy;
  const { before, after } = scoresOf(report);
  return htmlPage(
    `${model.name}, quantized`,
    `<h1>${escaped(model.name)}</h1>
<p class="quiet">${escaped(model.format)} · ${model.parameters.toLocaleString('en')} parameters · evaluated on ${samples.toLocaleString('en')} samples of ${escaped(data.name)}</p>
<div class="tiles">
<div>${escaped(metricInfo(metric).label)}<b>${before} → ${after}</b></div>
<div>Size<b>${bytesText(size.float)} → ${bytesText(size.quantized)}</b></div>
${runtime ? `<div>Time per inference<b>${ms(runtime.latencyMs.float)} → ${ms(runtime.latencyMs.quantized)}</b></div>` : ''}
<div>Check in the runtime<b class="${runtime?.mismatches === 0 ? 'good' : 'bad'}">${runtime ? (runtime.mismatches === 0 ? 'bit-exact' : `${runtime.mismatches.toLocaleString('en')} values differ`) : 'not run'}</b></div>
</div>
<h2>Layers</h2>
<p class="quiet">Signal to noise of each layer’s output against float, dB, all layers quantized.</p>
${layerChart(report)}
${layerTable(report)}
<h2>Size of the layers’ weights by bits</h2>
${sizeChart(report)}
<h2>Data</h2>
${pairs([
  [
    'Samples',
    `${data.samples.toLocaleString('en')}; ${data.calibrationSamples} to calibrate, ${data.evaluationSamples} others to evaluate, seed ${data.seed}`,
  ],
  ['Preprocessing', data.preprocessing],
])}
${report.training ? trainingPart(report.training) : ''}
<h2>Checks</h2>
${
  runtime
    ? pairs([
        ['Runtime', `${runtime.name}, rounding as ${runtime.profile}`],
        [
          'Compared',
          `${runtime.tensors} tensors, ${runtime.elements.toLocaleString('en')} values of ${comparedText({ samples: runtime.samples, of: runtime.of ?? runtime.samples })}`,
        ],
        [
          'Mismatches',
          runtime.mismatches === 0
            ? 'none'
            : `${runtime.mismatches.toLocaleString('en')}, by up to ${runtime.maxLsb} steps`,
        ],
      ])
    : '<p>The file was not run.</p>'
}
<h2>Environment</h2>
${pairs(environment)}
<h2>Settings</h2>
<pre>${escaped(JSON.stringify(report.settings, null, 1))}</pre>
${project ? `<script type="application/json" id="rangefinder-project">${embedded(project)}</script>` : ''}`,
  );
}

function layerTable({ layers }: Report): string {
  const rows = layers.map(
    ({ name, op, bits, scale, zeroPoint, sqnrDb, accuracyDelta, keptFloat }) =>
      `<tr><td>${escaped(name)}<br><span class="quiet">${escaped(op)}${keptFloat === undefined ? '' : `, float: ${escaped(keptFloat)}`}</span></td>` +
      `<td class="n">${bits}</td><td class="n">${figure(scale, 4)}</td><td class="n">${zeroPoint ?? '–'}</td>` +
      `<td class="n">${sqnrDb === null ? '–' : `${sqnrDb.toFixed(1)} dB`}</td><td class="n">${figure(accuracyDelta ?? null, 3)}</td></tr>`,
  );
  return `<table><thead><tr><th>Layer</th><th class="n">Bits</th><th class="n">Scale</th><th class="n">Zero point</th><th class="n">SQNR</th><th class="n">Δ alone</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}

function trainingPart(training: NonNullable<Report['training']>): string {
  const { epochs, bestEpoch, milliseconds, objective, samples } = training;
  return `<h2>Training</h2>${pairs([
    ['Epochs', `${epochs}, of which ${bestEpoch} is kept; ${(milliseconds / 1000).toFixed(0)} s`],
    ['Objective', objective],
    ['Samples', `${samples.train} to train, ${samples.validation} to validate`],
  ])}`;
}

const figure = (value: number | null, digits: number) =>
  value === null ? '–' : String(Number(value.toPrecision(digits)));
const ms = (value: number | null) => (value === null ? '–' : `${value.toFixed(value < 10 ? 2 : 0)} ms`);

/** JSON inside of HTML: nothing in it may end the element. */
function embedded(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
