export const CHROMIUM_FLAGS: string[];
export function ensureBrowser(): string;
