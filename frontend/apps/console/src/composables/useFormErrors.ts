import { ApiError, fieldMessages } from '@jifen/api'
import { computed } from 'vue'
import { useErrorText } from './useErrorText.ts'

/** What the server refused: beside the fields it named, or in one sentence when the form has none of them. */
export function useFormErrors(error: () => unknown, fields: readonly string[]) {
  const errorText = useErrorText()
  const problems = computed<Record<string, string>>(() => {
    const refused = error()
    const named = refused instanceof ApiError ? refused.facts['field'] : undefined
    const single = refused instanceof ApiError && typeof named === 'string' ? { [named]: refused.detail } : {}
    return { ...single, ...fieldMessages(refused) }
  })
  const general = computed(() => {
    const refused = error()
    return !refused || fields.some((field) => problems.value[field]) ? '' : errorText(refused)
  })
  return { problems, general }
}
