import { useText } from './useText.ts'
import { useWebhookTopics } from './useWebhooks.ts'

interface Answered {
  attempts: number
  response_status: number | null
  error: string
}

/** What a delivery is about and how it went, in words. */
export function useDeliveryText() {
  const { t, has } = useText()
  const { data } = useWebhookTopics()
  const errorText = (error: string) => (has(`webhooks.errors.${error}`) ? t(`webhooks.errors.${error}`) : error)
  return {
    topicText: (code: string) => {
      if (code === 'webhook.test') return t('webhooks.testEvent')
      return data.value?.items.find((topic) => topic.code === code)?.title ?? code
    },
    /** `200`, `HTTP 503 · It was not accepted`, `The server cannot be reached`. */
    answerText: ({ attempts, response_status: status, error }: Answered) => {
      if (!attempts && status === null) return t('webhooks.noTries')
      const code = status === null ? '' : `HTTP ${status}`
      return [code, error && errorText(error)].filter(Boolean).join(' · ')
    },
    errorText,
  }
}
