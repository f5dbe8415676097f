import { ApiError, fieldMessages } from '@jifen/api'

/** Refusals that mean one field without naming it. */
const FIELDS: Record<string, string> = {
  'conditions.invalid': 'conditions',
  'ledger.funding_source_not_found': 'funding_source',
  'segments.not_found': 'segments',
  'earning.rule_code_taken': 'code',
  'coupons.template_not_found': 'template',
}
const REWARD = new Set(['points', 'per_cents', 'rate', 'factor', 'template', 'lines'])

/** The server's words by the field of the rule they belong to; parts of the reward under `reward.`. */
export function ruleRefusals(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  const named = error.facts['field']
  const own = FIELDS[error.code] ?? (typeof named === 'string' ? named : undefined)
  const all = { ...fieldMessages(error), ...(own ? { [own]: error.detail } : {}) }
  return Object.fromEntries(Object.entries(all).map(([field, text]) => [REWARD.has(field) ? `reward.${field}` : field, text]))
}
