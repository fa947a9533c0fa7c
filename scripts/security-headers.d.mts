export const PAGE_POLICY: string;
export const ISOLATION_HEADERS: Readonly<Record<string, string>>;
export const SECURITY_HEADERS: Readonly<Record<string, string>>;
