/** What is copied to report a fault: where it happened and in which browser, nothing of the model or the data. */
export function faultReport(message: string, place = ''): string {
  const lines = [
    'Rangefinder: unforeseen failure',
    `What: ${message}`,
    `Build: ${buildName()}`,
    `Browser: ${navigator.userAgent}`,
    `Isolated: ${globalThis.crossOriginIsolated ? 'yes' : 'no'}; online: ${navigator.onLine ? 'yes' : 'no'}`,
    'Steps: (what you did before it happened)',
  ];
  return [...lines, ...(place.trim() === '' ? [] : ['Where:', place.trim()])].join('\n');
}

/** The name of the page's script, which the bundler makes from its content. */
function buildName(): string {
  const script = document.querySelector<HTMLScriptElement>('script[type=module][src]');
  return script?.getAttribute('src')?.split('/').pop() ?? 'unknown';
}
