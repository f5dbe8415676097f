import type { ProfileFieldOut } from '@jifen/api/storefront'
import { describe, expect, it } from 'vitest'
import { changedValues, toInputs } from '../src/profile.ts'

function field(code: string, kind: ProfileFieldOut['kind'], value: ProfileFieldOut['value'], canChange = true): ProfileFieldOut {
  return { code, kind, name: code, choices: [], is_required: false, can_change: canChange, value }
}

const fields = [field('tea', 'text', 'green'), field('cups', 'whole', 3), field('cat', 'boolean', true), field('rank', 'text', 'A', false)]

describe('own fields', () => {
  it('sends nothing when nothing changed', () => {
    expect(changedValues(fields, toInputs(fields))).toEqual({})
  })

  it('sends each kind as the API takes it, and null for what was emptied', () => {
    const inputs = { tea: ' ', cups: '4', cat: 'false', rank: 'B' }
    expect(changedValues(fields, inputs)).toEqual({ tea: null, cups: 4, cat: false })
  })

  it('leaves a number that is none to the server to refuse', () => {
    expect(changedValues(fields, { ...toInputs(fields), cups: 'many' })).toEqual({ cups: 'many' })
  })
})
