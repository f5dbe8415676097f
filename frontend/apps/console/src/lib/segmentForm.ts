import type { SegmentOut } from '@jifen/api/console'

/** What the page edits; `condition` is null while it is not complete. */
export interface SegmentForm {
  code: string
  name: string
  description: string
  condition: unknown
}

const MAX_CODE = 40
const CODE = /^[a-z0-9][a-z0-9_-]{0,39}$/

export const emptySegment = (): SegmentForm => ({ code: '', name: '', description: '', condition: true })

export const segmentToForm = ({ code, name, description, condition }: SegmentOut): SegmentForm => ({ code, name, description, condition })

/** A code made of a name: "Big Spenders" gives big-spenders; a name without Latin letters gives none. */
export const codeOf = (name: string): string =>
  name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_CODE)
    .replace(/^-+|-+$/g, '')

/** Field to the key of what is wrong with it. */
export function segmentProblems(form: SegmentForm): Record<string, string> {
  const problems: Record<string, string> = {}
  if (!form.name.trim()) problems['name'] = 'segments.problems.name'
  if (!CODE.test(form.code)) problems['code'] = 'segments.problems.code'
  if (form.condition === null) problems['condition'] = 'segments.problems.condition'
  return problems
}
