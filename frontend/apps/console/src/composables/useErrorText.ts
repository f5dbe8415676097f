import { ApiError } from '@jifen/api'
import { useText } from './useText.ts'

/** One sentence about a failure: the server's own words, or ours when no answer came. */
export function useErrorText(): (error: unknown) => string {
  const { t } = useText()
  return (error) => {
    if (!(error instanceof ApiError)) return t('errors.unknown')
    if (error.status === 0) return t('errors.offline')
    return error.detail || t('errors.unknown')
  }
}
