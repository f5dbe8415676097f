import type { Locale } from '@jifen/api'
import { currencyDigits, majorUnits } from './currency.ts'

const TAG: Record<Locale, string> = { 'zh-hans': 'zh-Hans', en: 'en' }
const DAY = 86_400_000

/** The language tag Intl knows for one of the product's languages. */
export const intlTag = (locale: Locale): string => TAG[locale]

export interface FormatSettings {
  locale: Locale
  currency: string
  timezone: string
}

/** Numbers, money and dates the way one merchant's readers expect them. */
export interface Formatter {
  /** 12,345 */
  points(value: number): string
  /** +120 or −80, with a real minus sign. */
  signed(value: number): string
  /** 1.2万 / 12K: for axes and narrow places. */
  compact(value: number): string
  percent(ratio: number, digits?: number): string
  /** Money from its smallest unit; whole amounts drop their empty decimals when `short`. */
  money(cents: number, options?: { currency?: string; short?: boolean }): string
  date(value: string): string
  /** A calendar date (`YYYY-MM-DD`), which is the same day in every zone. */
  plainDate(value: string): string
  /** The same without its year, in figures: 11/24. */
  plainDay(value: string): string
  /** Without the year while it is the current one. */
  day(value: string): string
  dateTime(value: string): string
  month(value: string): string
  monthShort(value: string): string
  relative(value: string, now?: Date): string
}

/** Calendar day number of an instant in a zone, so that "tomorrow" is the merchant's tomorrow. */
export function dayNumber(instant: Date, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit' })
  return Math.round(Date.parse(`${parts.format(instant)}T00:00:00Z`) / DAY)
}

/** Whole calendar days from now until an instant, in the merchant's zone. */
export function daysUntil(value: string, timezone: string, now: Date = new Date()): number {
  return dayNumber(new Date(value), timezone) - dayNumber(now, timezone)
}

function moneyFormat(tag: string, currency: string, digits: number): Intl.NumberFormat {
  return new Intl.NumberFormat(tag, {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

function relativeText(settings: FormatSettings, value: string, now: Date): string {
  const text = new Intl.RelativeTimeFormat(intlTag(settings.locale), { numeric: 'auto' })
  const minutes = Math.round((Date.parse(value) - now.getTime()) / 60_000)
  const days = daysUntil(value, settings.timezone, now)
  if (Math.abs(minutes) < 60) return text.format(minutes, 'minute')
  if (days === 0) return text.format(Math.round(minutes / 60), 'hour')
  if (Math.abs(days) < 45) return text.format(days, 'day')
  if (Math.abs(days) < 365) return text.format(Math.round(days / 30), 'month')
  return text.format(Math.round(days / 365), 'year')
}

function dateFormats({ locale, timezone }: FormatSettings) {
  const tag = intlTag(locale)
  const build = (options: Intl.DateTimeFormatOptions, zone = timezone) => new Intl.DateTimeFormat(tag, { timeZone: zone, ...options })
  return {
    date: build({ year: 'numeric', month: locale === 'en' ? 'short' : 'long', day: 'numeric' }),
    plain: build({ year: 'numeric', month: locale === 'en' ? 'short' : 'long', day: 'numeric' }, 'UTC'),
    plainDay: build({ month: 'numeric', day: 'numeric' }, 'UTC'),
    day: build({ month: locale === 'en' ? 'short' : 'long', day: 'numeric' }),
    dateTime: build({ year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false }),
    month: build({ year: 'numeric', month: 'long' }, 'UTC'),
    monthShort: build({ month: 'short' }, 'UTC'),
    year: build({ year: 'numeric' }),
  }
}

/** Builds the formatter of one merchant and language; make it once, its Intl objects are costly. */
export function createFormatter(settings: FormatSettings): Formatter {
  const tag = intlTag(settings.locale)
  const plain = new Intl.NumberFormat(tag, { maximumFractionDigits: 0 })
  const compact = new Intl.NumberFormat(tag, { notation: 'compact', maximumFractionDigits: 1 })
  const dates = dateFormats(settings)
  const isThisYear = (value: Date) => dates.year.format(value) === dates.year.format(new Date())
  return {
    points: (value) => plain.format(value).replace('-', '−'),
    signed: (value) => (value > 0 ? '+' : value < 0 ? '−' : '') + plain.format(Math.abs(value)),
    compact: (value) => compact.format(value),
    percent: (ratio, digits = 0) => new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: digits }).format(ratio),
    money: (cents, options = {}) => {
      const currency = options.currency ?? settings.currency
      const amount = majorUnits(cents, currency)
      const isWhole = Boolean(options.short) && Number.isInteger(amount)
      return moneyFormat(tag, currency, isWhole ? 0 : currencyDigits(currency)).format(amount)
    },
    plainDate: (value) => dates.plain.format(new Date(`${value}T00:00:00Z`)),
    plainDay: (value) => dates.plainDay.format(new Date(`${value}T00:00:00Z`)),
    date: (value) => dates.date.format(new Date(value)),
    day: (value) => (isThisYear(new Date(value)) ? dates.day : dates.date).format(new Date(value)),
    dateTime: (value) => dates.dateTime.format(new Date(value)),
    month: (value) => dates.month.format(new Date(`${value.slice(0, 7)}-01T00:00:00Z`)),
    monthShort: (value) => dates.monthShort.format(new Date(`${value.slice(0, 7)}-01T00:00:00Z`)),
    relative: (value, now = new Date()) => relativeText(settings, value, now),
  }
}

/** The last moment at which points still hold: `expires_at` is the first one at which they no longer do. */
export function lastMoment(expiresAt: string): string {
  return new Date(new Date(expiresAt).getTime() - 1).toISOString()
}
