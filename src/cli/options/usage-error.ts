/** Wrong usage: exit 2, with the word that is off. */
export class UsageError extends Error {}
