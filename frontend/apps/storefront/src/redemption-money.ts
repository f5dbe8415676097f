import type { RedemptionOut } from '@jifen/api/storefront'
import { t } from './i18n.ts'

/** What became of money that goes back. */
const BACK = ['surplus', 'returned', 'owed', 'settled'] as const
type Back = (typeof BACK)[number]
const isBack = (status: string): status is Back => (BACK as readonly string[]).includes(status)

/** How the money part was paid; nothing while it is not, or where there is none. */
export function wayOf({ payment, payments, paid_at: paidAt }: RedemptionOut): string {
  if (!payment || !paidAt) return ''
  if (payment !== 'later') return t(`redemption.payments.${payment}`)
  const counted = payments.find((one) => one.paid_at)
  return t(`redemption.payments.${counted?.provider === 'stripe' ? 'online' : 'outside'}`)
}

/** Whether and how the money part went back. */
export function backOf({ payments }: RedemptionOut): string {
  const states = payments.map((one) => one.status).filter(isBack)
  return [...new Set(states)].map((status) => t(`redemption.back.${status}`)).join('\n')
}
