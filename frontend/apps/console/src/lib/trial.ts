import type { RuleDocument, SimulationIn } from '@jifen/api/console'

/** One order or event to try a rule on, as its form holds it; money in major units. */
export interface TrialForm {
  amount: number
  category: string
  streak: number
  property: string
  value: string
  who: 'anybody' | 'member'
  number: string
}

export const emptyTrial = (): TrialForm => ({ amount: 100, category: '', streak: 1, property: '', value: '', who: 'anybody', number: '' })

/** What somebody typed as a property: a number, yes or no where it looks like one. */
export function typedValue(text: string): string | number | boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

export function trialBody(form: TrialForm, code: string, document: RuleDocument, cents: (major: number) => number): SimulationIn {
  const whose = form.who === 'member' ? { member_external_id: form.number.trim() } : {}
  // A rule that has no code yet still needs one to be told apart.
  const rules = [{ code: code || 'new', document }]
  const { trigger } = document
  if (trigger.startsWith('order.')) {
    const line = { amount_cents: cents(form.amount), quantity: 1, category: form.category }
    return { ...whose, rules, order: { lines: [line], status: trigger === 'order.paid' ? 'paid' : 'completed' } }
  }
  const property = form.property.trim()
  const properties = trigger === 'checkin' ? { streak: form.streak, total: form.streak } : property ? { [property]: typedValue(form.value) } : {}
  return { ...whose, rules, event: { type: trigger, properties } }
}
