import { format } from './boot.ts'
import { celebrate } from './celebrate.ts'
import { t } from './i18n.ts'
import { errorText } from './texts.ts'
import { toast } from './toast.ts'

/** Points that were tapped for: how many, and confetti; or why there are none. */
export async function win(tapped: Promise<{ points: number }>, key: 'checkIn.won' | 'tasks.won'): Promise<void> {
  try {
    const { points } = await tapped
    toast(t(key, { n: format.points(points) }))
    await celebrate()
  } catch (problem) {
    toast(errorText(problem))
  }
}
