import { shallowRef } from 'vue'

export interface Question {
  title: string
  text: string
  confirm: string
  /** Text of the way back; "Cancel" when not given. */
  cancel?: string
  isDangerous?: boolean
  /** What has to be typed before the button works. */
  typed?: string
}

interface Pending extends Question {
  answer: (yes: boolean) => void
}

const pending = shallowRef<Pending | null>(null)

/** Asks before something that matters; resolves to what the person chose. */
export function confirmFirst(question: Question): Promise<boolean> {
  pending.value?.answer(false)
  return new Promise((resolve) => {
    pending.value = {
      ...question,
      answer: (yes) => {
        pending.value = null
        resolve(yes)
      },
    }
  })
}

/** The question that waits for an answer, for the one dialog that shows it. */
export const pendingQuestion = pending
