import type { FieldOut } from '@jifen/api/console'
import { isDays, type RowOperator } from './model.ts'

const WORDS: Record<string, string> = { '==': 'eq', '!=': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' }

/** Key of the words for an operator: amounts, times and texts are compared in words of their own. */
export function operatorKey(field: FieldOut, operator: RowOperator): string {
  const bare = operator.replace('days:', '')
  const word = WORDS[bare] ?? bare
  if (isDays(operator)) return `conditions.days.${word}`
  if (field.kind === 'date' || field.kind === 'moment') return `conditions.times.${word}`
  const isAmount = field.kind === 'whole' || field.kind === 'money' || field.kind === 'number'
  return `conditions.${isAmount ? 'amounts' : 'texts'}.${word}`
}
