import type { Choice } from '../composables/useChoices.ts'

export interface Offered extends Choice {
  isGone: boolean
}

/** What can be chosen, with what is chosen already and not among it at the end, under the name it is given. */
export function offered(choices: Choice[], chosen: string[], nameOf: (code: string) => string): Offered[] {
  const known = new Set(choices.map((one) => one.code))
  const missing = chosen.filter((code) => !known.has(code)).map((code) => ({ code, name: nameOf(code), isGone: true }))
  return [...choices.map(({ code, name }) => ({ code, name, isGone: false })), ...missing]
}
