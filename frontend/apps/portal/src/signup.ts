import { addressFromName, currencyOf } from './address.ts'
import { byId } from './page.ts'
import { forgetProblem } from './problems.ts'

const PAUSE_MS = 300

interface AddressAnswer {
  available: boolean
  reason?: 'taken' | 'reserved' | 'invalid'
  suggestions: string[]
}

/** Comfort for the sign-up card: a proposed address, whether it is free, and the browser's region. */
export function startSignup(form: HTMLFormElement): void {
  proposeRegion(form)
  const slug = field(form, 'slug')
  const company = field(form, 'company')
  let isOwnChoice = slug.value !== ''
  let timer = 0
  const checkSoon = () => {
    window.clearTimeout(timer)
    timer = window.setTimeout(() => void checkAddress(slug), PAUSE_MS)
  }
  slug.addEventListener('input', () => {
    isOwnChoice = slug.value !== ''
    checkSoon()
  })
  company.addEventListener('input', () => {
    if (isOwnChoice) return
    slug.value = addressFromName(company.value)
    forgetProblem(slug)
    checkSoon()
  })
}

async function checkAddress(slug: HTMLInputElement): Promise<void> {
  const asked = slug.value.trim().toLowerCase()
  const hint = byId('slug-hint')
  if (asked === '') return say(hint, hint.dataset['invalid'] ?? '', '')
  const response = await fetch(`/api/platform/v1/addresses/${encodeURIComponent(asked)}`).catch(() => null)
  if (!response?.ok || slug.value.trim().toLowerCase() !== asked) return
  const answer = (await response.json()) as AddressAnswer
  if (answer.available) return say(hint, hint.dataset['free'] ?? '', 'is-free')
  say(hint, hint.dataset[answer.reason ?? 'taken'] ?? '', 'is-taken')
  if (answer.suggestions.length > 0) offer(hint, slug, answer.suggestions)
}

function say(hint: HTMLElement, text: string, mood: string): void {
  hint.textContent = text
  hint.className = `hint ${mood}`.trim()
}

function offer(hint: HTMLElement, slug: HTMLInputElement, suggestions: string[]): void {
  hint.append(` ${hint.dataset['try'] ?? ''}`)
  for (const one of suggestions) {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'link'
    button.textContent = one
    button.addEventListener('click', () => {
      slug.value = one
      slug.dispatchEvent(new Event('input', { bubbles: true }))
      slug.focus()
    })
    hint.append(' ', button)
  }
}

/** Only on a fresh form: what somebody chose is not touched. */
function proposeRegion(form: HTMLFormElement): void {
  const timezone = select(form, 'timezone')
  const currency = select(form, 'currency')
  if (form.querySelector('.wrong') === null && field(form, 'email').value === '') {
    choose(timezone, Intl.DateTimeFormat().resolvedOptions().timeZone)
    choose(currency, currencyOf(navigator.languages))
  }
  const locale = select(form, 'locale')
  const sum = () => {
    const words = [locale.selectedOptions[0]?.text, currency.value, timezone.value.replaceAll('_', ' ')]
    byId('region-summary').textContent = words.join(' · ')
  }
  for (const one of [locale, currency, timezone]) one.addEventListener('change', sum)
  sum()
}

function choose(list: HTMLSelectElement, value: string | undefined): void {
  const exists = [...list.options].some((option) => option.value === value)
  if (value && exists) list.value = value
}

function field(form: HTMLFormElement, name: string): HTMLInputElement {
  return form.elements.namedItem(name) as HTMLInputElement
}

function select(form: HTMLFormElement, name: string): HTMLSelectElement {
  return form.elements.namedItem(name) as HTMLSelectElement
}
