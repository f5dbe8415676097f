import { useI18n } from 'vue-i18n'
import { merchant } from '../boot.ts'

export type Named = Record<string, string | number>
export type Translate = (key: string, named?: Named) => string

/** Whether a number, as such or formatted, asks for the singular. */
const isOne = (amount: string | number | undefined) => amount === 1 || amount === '1'

const begun = (word: string) => word.slice(0, 1).toUpperCase() + word.slice(1)

/**
 * Texts of the interface. Every message may say `{points}`, the merchant's own word (`{Points}` where it begins a sentence), and `{unit}`, the form of it that goes with `value` (or
 * `n`). A number `n`, or else `value`, picks the plural.
 */
export function useText(): { t: Translate; has: (key: string) => boolean } {
  const { t: translate, te: has } = useI18n()
  const t: Translate = (key, named = {}) => {
    const amount = named['value'] ?? named['n']
    const values = { points: merchant.point_name, Points: begun(merchant.point_name), unit: isOne(amount) ? merchant.point_name_one : merchant.point_name, ...named }
    const { n } = named
    return translate(key, values, typeof n === 'number' ? n : amount === undefined || isOne(amount) ? 1 : 2)
  }
  return { t, has: (key) => has(key) }
}
