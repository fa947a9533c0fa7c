/** The frame of written pages: they need nothing else, open offline and print well. No script runs in them. */

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

/** @param body HTML, in which everything from a file is {@link escaped} */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="Rangefinder">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

/** A table of names and values. */
export function pairs(rows: readonly (readonly [string, string])[]): string {
  return `<table><tbody>${rows.map(([name, value]) => `<tr><th scope="row">${escaped(name)}</th><td>${escaped(value)}</td></tr>`).join('')}</tbody></table>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
