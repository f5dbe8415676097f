import { ApiError, errorFrom, offlineError } from './problem.ts'

export type Locale = 'zh-hans' | 'en'

export interface ClientSettings {
  /** e.g. `/api/storefront/v1` */
  base: string
  locale: () => Locale
  csrfToken?: () => string
  /** Called when the server no longer knows the session. */
  onSignedOut?: (error: ApiError) => void
  fetch?: typeof fetch
}

type Values = Record<string, string | number | boolean | null | undefined>

/** What a request is made of; which of it an operation takes stands in its `takes`. */
interface Input {
  path?: Values
  query?: Values
  body?: unknown
  /** `Idempotency-Key`: one per press of the button, so that the same press twice has its effect once. */
  headers?: Record<string, string | undefined>
  signal?: AbortSignal
}

/** One line of the generated `Operations`. */
export interface Operation {
  takes: Omit<Input, 'signal'> & { url: string }
  answers: unknown
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'

/** What an operation wants with the call: path, query, body, headers. */
export type Wanted<One extends Operation> = Omit<One['takes'], 'url'>
type Argument<One extends Operation> = Wanted<One> & { signal?: AbortSignal }
type Arguments<One extends Operation> = Record<never, never> extends Wanted<One> ? [input?: Argument<One>] : [input: Argument<One>]

/** Calls one of a surface's operations, named as in its OpenAPI file: `call('GET /orders/{order_id}', { path: … })`. */
export type Call<Operations extends Record<keyof Operations, Operation>> = <Route extends keyof Operations & string>(
  route: Route,
  ...input: Arguments<Operations[Route]>
) => Promise<Operations[Route]['answers']>

/** One page of a list that is read with a cursor. */
export interface Page<Item> {
  items: Item[]
  next: string | null
}

/** The operations that answer with a page. */
export type ListRoute<Operations extends Record<keyof Operations, Operation>> = {
  [Route in keyof Operations]: Operations[Route]['answers'] extends Page<unknown> ? Route : never
}[keyof Operations] &
  string

export type ItemOf<One extends Operation> = One['answers'] extends Page<infer Item> ? Item : never

/** The anti-forgery cookie; it changes at sign-in, so it is read at each call. */
export function csrfFromCookie(cookie = document.cookie): string {
  return /(?:^|;\s*)(?:__Host-)?jf_csrf=([^;]+)/.exec(cookie)?.[1] ?? ''
}

/** `/orders/{order_id}` with its values. */
export function fillPath(path: string, values: Values = {}): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])))
}

function queryString(query: Values = {}): string {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  return pairs.length ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}` : ''
}

function headersFor(settings: ClientSettings, method: Method, input: Input): Headers {
  const headers = new Headers({ Accept: 'application/json', 'Accept-Language': settings.locale() })
  // A form brings its own, with the boundary between its parts.
  if (input.body !== undefined && !isForm(input.body)) headers.set('Content-Type', 'application/json')
  if (method !== 'GET') headers.set('X-CSRFToken', csrfFromCookie() || settings.csrfToken?.() || '')
  for (const [name, value] of Object.entries(input.headers ?? {})) if (value) headers.set(name, value)
  return headers
}

/** A body that is a file: the only kind that no JSON can hold. */
const isForm = (body: unknown): body is { file: Blob } => typeof body === 'object' && body !== null && 'file' in body && body.file instanceof Blob

function formOf(body: { file: Blob }): FormData {
  const form = new FormData()
  form.set('file', body.file)
  return form
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
export function createClient<Operations extends Record<keyof Operations, Operation>>(settings: ClientSettings): Call<Operations> {
  return async (route, ...[given]) => {
    const input: Input = given ?? {}
    const [method, path] = route.split(' ') as [Method, string]
    const url = settings.base + fillPath(path, input.path) + queryString(input.query)
    const response = await send(settings, url, {
      method,
      headers: headersFor(settings, method, input),
      credentials: 'same-origin',
      ...(input.body === undefined ? {} : { body: isForm(input.body) ? formOf(input.body) : JSON.stringify(input.body) }),
      ...(input.signal ? { signal: input.signal } : {}),
    })
    if (!response.ok) {
      const error = await errorFrom(response)
      if (error.status === 401) settings.onSignedOut?.(error)
      throw error
    }
    return response.status === 204 ? undefined : await response.json()
  }
}

/** A fresh key for one press of a button; works on plain http, where crypto.randomUUID does not exist. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
