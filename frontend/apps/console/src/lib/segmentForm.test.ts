import { describe, expect, it } from 'vitest'
import { codeOf, emptySegment, segmentProblems } from './segmentForm.ts'

describe('segment form', () => {
  it('makes a code of a name', () => {
    expect(codeOf('Big Spenders, 2026!')).toBe('big-spenders-2026')
    expect(codeOf('Café')).toBe('cafe')
    expect(codeOf('高价值会员')).toBe('')
    expect(codeOf('x'.repeat(60))).toHaveLength(40)
  })

  it('says what is missing', () => {
    const form = { ...emptySegment(), condition: null }
    expect(Object.keys(segmentProblems(form))).toEqual(['name', 'code', 'condition'])
    expect(segmentProblems({ ...form, name: 'VIP', code: 'vip', condition: true })).toEqual({})
    expect(segmentProblems({ ...form, name: 'VIP', code: 'VIP!', condition: true })).toEqual({ code: 'segments.problems.code' })
  })
})
