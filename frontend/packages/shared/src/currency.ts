/**
 * ISO 4217: every currency whose minor unit does not have two digits, as in platform/kernel/money.py; a test of the
 * server keeps both alike. Intl is not asked, because browsers follow CLDR, which gives the forint, the rupiah and
 * others no digits: their amounts would be shown a hundred times too large.
 */
const DIGITS: Record<string, number> = {
  BIF: 0, CLP: 0, DJF: 0, GNF: 0, ISK: 0, JPY: 0, KMF: 0, KRW: 0, PYG: 0, RWF: 0, UGX: 0, UYI: 0, VND: 0, VUV: 0, XAF: 0, XOF: 0, XPF: 0,
  BHD: 3, IQD: 3, JOD: 3, KWD: 3, LYD: 3, OMR: 3, TND: 3,
  CLF: 4, UYW: 4,
}

/** How many decimals a currency has: 2 for CNY, 0 for JPY, 3 for KWD. */
export const currencyDigits = (currency: string): number => DIGITS[currency.toUpperCase()] ?? 2

/** Money in major units from an integer of the smallest one. */
export const majorUnits = (cents: number, currency: string): number => cents / 10 ** currencyDigits(currency)
