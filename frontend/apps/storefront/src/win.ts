import { format } from './boot.ts'
import { celebrate } from './celebrate.ts'
import { t } from './i18n.ts'
import { errorText } from './texts.ts'
import { toast } from './toast.ts'

/** What was tapped for: how many points, or which coupon, and confetti; or why there is nothing. */
export async function win(tapped: Promise<{ points: number; coupon?: string | null }>, key: 'checkIn.won' | 'tasks.won'): Promise<void> {
  try {
    const { points, coupon } = await tapped
    toast(coupon ? t('tasks.wonCoupon', { name: coupon }) : t(key, { n: format.points(points) }))
    await celebrate()
  } catch (problem) {
    toast(errorText(problem))
  }
}
