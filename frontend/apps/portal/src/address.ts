/** A shop's name as an address: `Mei's Tea House` → `meis-tea-house`; '' if nothing usable is left. */
export function addressFromName(name: string): string {
  const plain = name.normalize('NFKD').replaceAll(/[\u0300-\u036F'’]/gu, '').toLowerCase()
  return plain
    .replaceAll(/[^a-z\d]+/gu, '-')
    .replace(/^[^a-z]+/u, '')
    .slice(0, 40)
    .replace(/-+$/u, '')
}

/** Currencies of the regions browsers report most; others are left to the shop. */
const CURRENCIES: Record<string, string> = {
  CN: 'CNY', HK: 'HKD', TW: 'TWD', MO: 'MOP', SG: 'SGD', MY: 'MYR', JP: 'JPY', KR: 'KRW', US: 'USD', GB: 'GBP', AU: 'AUD',
  CA: 'CAD', NZ: 'NZD', CH: 'CHF', TH: 'THB', VN: 'VND', ID: 'IDR', PH: 'PHP', IN: 'INR', DE: 'EUR', FR: 'EUR', ES: 'EUR',
  IT: 'EUR', NL: 'EUR', IE: 'EUR', AT: 'EUR', BE: 'EUR', FI: 'EUR', PT: 'EUR', GR: 'EUR',
}

/** The currency of the first language tag that names a region. */
export function currencyOf(tags: readonly string[]): string | undefined {
  for (const tag of tags) {
    const region = /-([A-Z]{2})\b/u.exec(tag)?.[1]
    if (region && CURRENCIES[region]) return CURRENCIES[region]
  }
  return undefined
}
