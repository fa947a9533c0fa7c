/**
 * The report as one page that needs nothing else: it opens offline, prints well, and carries the work it is about, so that
 * it can be dropped on the studio like a project. Everything from a file is escaped; no script runs in it.
 */
import type { Manifest } from '../../core/project/manifest';
import type { Report } from './report';
import { metricInfo } from '../../core/metrics/table';
import { bytesText, scoresOf } from './score-words';
import { layerChart, sizeChart } from './report-charts';

export interface HtmlParts {
  readonly report: Report;
  /** The work, to be taken up again; absent where there is none to take up. */
  readonly project?: Manifest;
  /** When, where and by what: "Firefox 140 on Linux". */
  readonly environment: readonly (readonly [name: string, value: string])[];
}

const STYLE = `
:root{color-scheme:light dark;--ink:#131820;--quiet:#5d6879;--line:#dce1e8;--ground:#fff;--float:#2563c9;--quant:#b94f08;--good:#0b7048;--bad:#b1241c}
@media(prefers-color-scheme:dark){:root{--ink:#e8ecf2;--quiet:#919cac;--line:#29313d;--ground:#0c0f14;--float:#74a9ff;--quant:#ff9f52;--good:#55c896;--bad:#ff8f86}}
body{max-width:900px;margin:32px auto;padding:0 16px;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:26px;margin:0}h2{font-size:18px;margin:32px 0 8px}p{margin:4px 0}.quiet{color:var(--quiet)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:20px 0}
.tiles div{border:1px solid var(--line);border-radius:8px;padding:10px 14px}.tiles b{display:block;font-size:20px}
table{width:100%;border-collapse:collapse;font-size:13px}th,td{padding:4px 8px;border-bottom:1px solid var(--line);text-align:left;overflow-wrap:anywhere}
td.n,th.n{text-align:right;white-space:nowrap}svg{display:block;width:100%;height:auto}.good{color:var(--good)}.bad{color:var(--bad)}
pre{overflow-wrap:anywhere;white-space:pre-wrap;font-size:12px}
@media print{:root{--ink:#000;--quiet:#444;--line:#bbb;--ground:#fff;--float:#2563c9;--quant:#b94f08;--good:#0b7048;--bad:#b1241c}body{margin:0;max-width:none}h2{break-after:avoid}tr,svg,.tiles div{break-inside:avoid}thead{display:table-header-group}}
`;

export function htmlReport({ report, project, environment }: HtmlParts): string {
  const { model, data, accuracy, size, runtime } = report;
  const { metric, samples } = accuracy;
  const { before, after } = scoresOf(report);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Rangefinder">
<title>${escaped(model.name)}, quantized</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${escaped(model.name)}</h1>
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
          `${runtime.tensors} tensors, ${runtime.elements.toLocaleString('en')} values of ${runtime.samples} samples`,
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
${project ? `<script type="application/json" id="rangefinder-project">${embedded(project)}</script>` : ''}
</body>
</html>
`;
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

function pairs(rows: readonly (readonly [string, string])[]): string {
  return `<table><tbody>${rows.map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`).join('')}</tbody></table>`;
}

const figure = (value: number | null, digits: number) =>
  value === null ? '–' : String(Number(value.toPrecision(digits)));
const ms = (value: number | null) => (value === null ? '–' : `${value.toFixed(value < 10 ? 2 : 0)} ms`);

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** JSON inside of HTML: nothing in it may end the element. */
function embedded(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
