import { ApiError } from '@jifen/api'
import { t } from './i18n.ts'

/** What to tell the visitor about a failure; the server's own sentence where it gave one. */
export function errorText(error: unknown): string {
  if (!(error instanceof ApiError)) return t('error.unknown')
  if (error.status === 0) return t('error.offline')
  return error.detail || (error.status >= 500 ? t('error.server') : t('error.unknown'))
}

/** True when the thing asked for does not exist. */
export const isMissing = (error: unknown): boolean => error instanceof ApiError && error.status === 404
