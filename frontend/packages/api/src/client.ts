import { ApiError, errorFrom, offlineError } from './problem.ts'
import type { Locale } from './types.ts'

export interface ClientSettings {
  /** e.g. `/api/storefront/v1` */
  base: string
  locale: () => Locale
  csrfToken?: () => string
  /** Called when the server no longer knows the session. */
  onSignedOut?: (error: ApiError) => void
  fetch?: typeof fetch
}

export type QueryValue = string | number | boolean | null | undefined

export interface CallOptions {
  query?: Record<string, QueryValue>
  body?: unknown
  /** One value per press of the button: a repeat of the same press has the same effect once. */
  idempotencyKey?: string
  signal?: AbortSignal
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
export type Route = `${Method} /${string}`
export type Call = <Answer = void>(route: Route, options?: CallOptions) => Promise<Answer>

/** The anti-forgery cookie; it changes at sign-in, so it is read at each call. */
export function csrfFromCookie(cookie = document.cookie): string {
  return /(?:^|;\s*)(?:__Host-)?jf_csrf=([^;]+)/.exec(cookie)?.[1] ?? ''
}

function queryString(query: CallOptions['query']): string {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return pairs.length ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}` : ''
}

function headersFor(settings: ClientSettings, method: Method, options: CallOptions): Headers {
  const headers = new Headers({ Accept: 'application/json', 'Accept-Language': settings.locale() })
  if (options.body !== undefined) headers.set('Content-Type', 'application/json')
  if (method !== 'GET') headers.set('X-CSRFToken', csrfFromCookie() || settings.csrfToken?.() || '')
  if (options.idempotencyKey) headers.set('Idempotency-Key', options.idempotencyKey)
  return headers
}

async function send(settings: ClientSettings, url: string, init: RequestInit): Promise<Response> {
  try {
    return await (settings.fetch ?? fetch)(url, init)
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw offlineError()
  }
}

/** A function that calls the API and answers with the parsed body, or throws an ApiError. */
export function createClient(settings: ClientSettings): Call {
  return async <Answer>(route: Route, options: CallOptions = {}): Promise<Answer> => {
    const [method, path] = route.split(' ') as [Method, string]
    const response = await send(settings, settings.base + path + queryString(options.query), {
      method,
      headers: headersFor(settings, method, options),
      credentials: 'same-origin',
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      ...(options.signal ? { signal: options.signal } : {}),
    })
    if (!response.ok) {
      const error = await errorFrom(response)
      if (error.status === 401) settings.onSignedOut?.(error)
      throw error
    }
    return (response.status === 204 ? undefined : await response.json()) as Answer
  }
}

/** A fresh key for one press of a button; works on plain http, where crypto.randomUUID does not exist. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
