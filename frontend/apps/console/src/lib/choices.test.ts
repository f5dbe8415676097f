import { expect, it } from 'vitest'
import { offered } from './choices.ts'

const TEA = { code: 'tea', name: 'Tea' }

it('offers what there is', () => expect(offered([TEA], ['tea'], String)).toEqual([{ ...TEA, isGone: false }]))

it('keeps what was chosen and is not there any more, and says so', () =>
  expect(offered([TEA], ['cups', 'tea'], (code) => `${code} (gone)`)).toEqual([
    { ...TEA, isGone: false },
    { code: 'cups', name: 'cups (gone)', isGone: true },
  ]))
