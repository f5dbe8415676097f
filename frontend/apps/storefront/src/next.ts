/** Where to go after signing in: only a path of this site, whatever the address says. */
export const safeNext = (value: unknown): string => (typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : '/')
