import { format } from './boot.ts'
import { t } from './i18n.ts'

/** What a member reads of pending points: from when they count, or which order they wait for. */
export function waitingText(matures: string | null, order: string | null): string {
  if (matures) return t('wallet.pendingUntil', { date: format.day(matures) })
  return order ? t('wallet.pendingReturn', { id: order }) : t('wallet.pendingReturns')
}
