export function serveFolder(
  folder: string,
  port: number,
  host?: string,
): Promise<{ readonly url: string; close(): Promise<void> }>;
