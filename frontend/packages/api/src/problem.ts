import type { Problem } from './storefront.gen.ts'

type FieldError = NonNullable<Problem['errors']>[number]

/** A refusal by the server, or the absence of one (`status` 0: no answer came). */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly code: string
  readonly detail: string
  readonly facts: Record<string, unknown>
  readonly errors: FieldError[]
  readonly requestId: string

  constructor(problem: Partial<Problem> & { status: number; code: string }) {
    super(problem.detail || problem.code)
    this.status = problem.status
    this.code = problem.code
    this.detail = problem.detail ?? ''
    this.facts = problem.facts ?? {}
    this.errors = problem.errors ?? []
    this.requestId = problem.request_id ?? ''
  }

  /** True when trying the same again may work: nothing arrived, or the server failed. */
  get isTemporary(): boolean {
    return this.status === 0 || this.status >= 500
  }

  /** A number among the facts, e.g. `retry_after_seconds`. */
  fact(name: string): number | undefined {
    const value = this.facts[name]
    return typeof value === 'number' ? value : undefined
  }
}

/** No answer came: the network is down, or the request was cut off. */
export const offlineError = (): ApiError => new ApiError({ status: 0, code: 'client.offline' })

/** The error a failed response stands for, whatever its body is. */
export async function errorFrom(response: Response): Promise<ApiError> {
  const fallback = { status: response.status, code: `http.${response.status}` }
  const body: unknown = await response.json().catch(() => null)
  if (typeof body !== 'object' || body === null || !('code' in body)) return new ApiError(fallback)
  return new ApiError({ ...fallback, ...(body as Partial<Problem>), status: response.status })
}

/** Field name to message, for the form that sent the request. */
export function fieldMessages(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  return Object.fromEntries(error.errors.map((item) => [item.field, item.detail]))
}
