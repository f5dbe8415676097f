import type { AddressIn } from '@jifen/api/storefront'
import { t } from './i18n.ts'

export type AddressErrors = Partial<Record<keyof AddressIn, string>>

const FIELDS = ['name', 'phone', 'region', 'line'] as const
const PHONE = /^\+?[\d\s-]{6,20}$/

export const emptyAddress = (): AddressIn => ({ name: '', phone: '', region: '', line: '' })

/** The address without stray spaces. */
export function trimmed(address: AddressIn): AddressIn {
  return { name: address.name.trim(), phone: address.phone.trim(), region: address.region.trim(), line: address.line.trim() }
}

/** What is missing or cannot be right, by field. */
export function addressErrors(address: AddressIn): AddressErrors {
  const clean = trimmed(address)
  const errors: AddressErrors = {}
  for (const field of FIELDS) {
    if (!clean[field]) errors[field] = t('redeem.required', { field: t(`redeem.${field}`) })
  }
  if (clean.phone && !PHONE.test(clean.phone)) errors.phone = t('redeem.phoneInvalid')
  return errors
}
