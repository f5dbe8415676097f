import type { ProfileFieldOut } from '@jifen/api/storefront'

/** Values as inputs hold them: texts, empty for none. */
export function toInputs(fields: ProfileFieldOut[]): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field.code, field.value === null ? '' : String(field.value)]))
}

function parsed(field: ProfileFieldOut, text: string): string | number | boolean | null {
  if (!text) return null
  if (field.kind === 'whole') return /^-?\d+$/.test(text) ? Number(text) : text
  return field.kind === 'boolean' ? text === 'true' : text
}

/** What changed of the fields a member may change, as the API takes it; null removes a value. */
export function changedValues(fields: ProfileFieldOut[], inputs: Record<string, string>): Record<string, string | number | boolean | null> {
  const changed: Record<string, string | number | boolean | null> = {}
  for (const field of fields) {
    const value = parsed(field, (inputs[field.code] ?? '').trim())
    if (field.can_change && value !== field.value) changed[field.code] = value
  }
  return changed
}
