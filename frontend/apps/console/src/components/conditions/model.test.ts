import type { ConditionSchemaOut, FieldOut } from '@jifen/api/console'
import { describe, expect, it } from 'vitest'
import { carriedValue, newFreeRow, newGroup, newRow, operatorsOf, readTree, type Row, writeTree } from './model.ts'

const ORDER = ['==', '!=', '<', '<=', '>', '>=', 'between', 'inside']
const field = (name: string, kind: string, operators: string[], more: Partial<FieldOut> = {}): FieldOut => ({
  name, kind, label: name, group: 'g', operators, operators_of_days_ago: [], choices: [], ...more,
})
const FIELDS = {
  orders: field('orders', 'whole', [...ORDER, 'in']),
  spent: field('spent', 'money', [...ORDER, 'in']),
  tags: field('tags', 'texts', ['has']),
  city: field('city', 'text', ['==', '!=', 'in', 'starts_with']),
  level: field('level', 'choice', ['==', '!=', 'in'], { choices: [{ value: 'gold', label: 'Gold' }] }),
  phone: field('phone', 'boolean', ['==', '!=']),
  joined: field('joined', 'moment', ORDER, { operators_of_days_ago: ORDER }),
}
const SCHEMA: ConditionSchemaOut = { groups: [{ code: 'g', label: 'G' }], fields: Object.values(FIELDS) }
const name = (of: keyof typeof FIELDS) => ({ var: of })
const back = (tree: unknown) => {
  const read = readTree(tree, SCHEMA)
  return read && writeTree(read, SCHEMA)
}

describe('a tree comes back from the builder as it was', () => {
  it.each<[string, unknown]>([
    ['everybody', true],
    ['one comparison', { '>=': [name('orders'), 3] }],
    ['a range', { '<=': [100, name('spent'), 500] }],
    ['a range without its ends', { '<': [1, name('orders'), 5] }],
    ['a list', { in: [name('level'), ['gold']] }],
    ['none of a list', { '!': [{ in: [name('orders'), [1, 2]] }] }],
    ['a tag', { in: ['vip', name('tags')] }],
    ['without a tag', { '!': [{ in: ['vip', name('tags')] }] }],
    ['a beginning', { starts_with: [name('city'), '上海'] }],
    ['days ago', { '<=': [{ days_ago: [name('joined')] }, 30] }],
    ['a range of days ago', { '<=': [1, { days_ago: [name('joined')] }, 30] }],
    ['a day', { '<': [name('joined'), '2026-03-01'] }],
    ['a moment', { '<': [name('joined'), '2026-03-01T10:00:00+08:00'] }],
    ['yes or no', { '==': [name('phone'), false] }],
    ['a negated comparison', { '!': [{ '>': [name('orders'), 1] }] }],
    ['a negated group', { '!': [{ or: [{ '>': [name('orders'), 1] }, { in: ['vip', name('tags')] }] }] }],
    ['two deep', { or: [{ and: [{ '>': [name('orders'), 1] }, { in: ['vip', name('tags')] }] }, { '==': [name('phone'), true] }] }],
    ['a negated group inside', { and: [{ '>': [name('orders'), 1] }, { '!': [{ or: [{ '>': [name('spent'), 1] }, { '<': [name('spent'), -1] }] }] }] }],
  ])('%s', (_, tree) => expect(back(tree)).toEqual(tree))
})

describe('properties that callers name as they like', () => {
  const kinds = [
    field('event.properties.', 'text', ['==', '!=', 'in', 'starts_with']), field('event.properties.', 'number', [...ORDER, 'in']),
    field('event.properties.', 'boolean', ['==', '!=']), field('event.properties.', 'texts', ['has']),
  ]
  const schema: ConditionSchemaOut = { ...SCHEMA, free: { prefix: 'event.properties.', label: 'Property', kinds } }
  const property = { var: 'event.properties.guests' }

  it.each<[string, unknown, string]>([
    ['a number', { '>=': [property, 2] }, 'number'],
    ['a range', { '<=': [1.5, property, 2] }, 'number'],
    ['a text', { '==': [property, 'two'] }, 'text'],
    ['one of some texts', { in: [property, ['two', 'three']] }, 'text'],
    ['yes or no', { '==': [property, true] }, 'boolean'],
    ['a text among several', { in: ['mei', property] }, 'texts'],
  ])('come back: %s', (_, tree, kind) => {
    const read = readTree(tree, schema)!
    expect((read.parts[0] as Row).freeKind).toBe(kind)
    expect(writeTree(read, schema)).toEqual(tree)
  })

  it('are not filled in without a name', () => {
    const row = { ...newFreeRow(schema), value: 'two' }
    expect(writeTree(newGroup([row]), schema)).toBeNull()
    expect(writeTree(newGroup([{ ...newFreeRow(schema, 'guests'), value: 'two' }]), schema)).toEqual({ '==': [property, 'two'] })
  })

  it('are unknown where there are none', () => expect(readTree({ '>=': [property, 2] }, SCHEMA)).toBeNull())
})

describe('what other systems write in another way', () => {
  it('is brought into the builder’s form', () => {
    expect(back({ '<=': [3, name('orders')] })).toEqual({ '>=': [name('orders'), 3] })
    expect(back({ '!': { in: ['vip', { var: ['tags'] }] } })).toEqual({ '!': [{ in: ['vip', name('tags')] }] })
    expect(back({ and: [{ '>': [name('orders'), 1] }] })).toEqual({ '>': [name('orders'), 1] })
  })

  it.each<[string, unknown]>([
    ['three deep', { and: [{ or: [{ and: [{ '>': [name('orders'), 1] }] }] }] }],
    ['a field that is gone', { '>': [{ var: 'gone' }, 1] }],
    ['an operator the field has not', { '<': [name('city'), 'x'] }],
    ['twice negated', { '!': [{ '!': [{ '>': [name('orders'), 1] }] }] }],
    ['no condition', { a: 1, b: 2 }],
    ['two fields', { '>': [name('orders')] }],
    ['nothing', null],
    ['a text', 'x'],
  ])('is not shown when it is more than the builder can: %s', (_, tree) => expect(readTree(tree, SCHEMA)).toBeNull())
})

describe('a row', () => {
  const row = (of: keyof typeof FIELDS, change: Partial<Row>) => newGroup([{ ...newRow(FIELDS[of]), ...change }])

  it('starts with the operator people mean most often', () => {
    expect(newRow(FIELDS.orders)).toMatchObject({ operator: '>=', value: null })
    expect(newRow(FIELDS.tags)).toMatchObject({ operator: 'has', value: null })
    expect(newRow(FIELDS.joined)).toMatchObject({ operator: 'days:<=', value: null })
    expect(newRow(FIELDS.phone)).toMatchObject({ operator: '==', value: true })
  })

  it('that is not filled in makes the condition incomplete', () => {
    expect(writeTree(newGroup([newRow(FIELDS.orders)]), SCHEMA)).toBeNull()
    expect(writeTree(row('city', { operator: '==', value: '' }), SCHEMA)).toBeNull()
    expect(writeTree(row('level', { operator: 'in', value: [] }), SCHEMA)).toBeNull()
    expect(writeTree(row('orders', { operator: 'between', value: [5, 1] }), SCHEMA)).toBeNull()
    expect(writeTree(row('orders', { operator: 'between', value: [1, null] }), SCHEMA)).toBeNull()
    expect(writeTree(row('orders', { operator: '==', value: 1.5 }), SCHEMA)).toBeNull()
    expect(writeTree(newGroup([newGroup()]), SCHEMA)).toBeNull()
  })

  it('keeps its value when the next operator takes the same', () => {
    const filled: Row = { ...newRow(FIELDS.orders), operator: '>=', value: 3 }
    expect(carriedValue(filled, '<', FIELDS.orders)).toBe(3)
    expect(carriedValue(filled, 'between', FIELDS.orders)).toEqual([null, null])
    expect(carriedValue({ ...filled, operator: 'days:<=' }, '==', FIELDS.joined)).toBeNull()
  })

  it('offers each operator once, and no order of texts', () => {
    for (const one of Object.values(FIELDS)) expect(new Set(operatorsOf(one)).size).toBe(operatorsOf(one).length)
    expect(operatorsOf(FIELDS.city)).toEqual(['==', '!=', 'in', 'not_in', 'starts_with', 'not_starts_with'])
    expect(operatorsOf(FIELDS.tags)).toEqual(['has', 'not_has'])
  })
})
