/**
 * What the builder edits, and the JSON Logic tree it stands for (docs/concepts/conditions.md).
 *
 * A condition in the builder is one group of rows and groups of rows, two deep. `readTree` gives null for a tree that
 * is deeper; such a tree is kept as it is and shown in words.
 */
import type { ConditionSchemaOut, FieldOut } from '@jifen/api/console'

/** `days:` before an operator compares how many days ago a moment was; `not_` is the opposite. */
export type RowOperator = string
export type Scalar = string | number | boolean
export type RowValue = Scalar | null | (Scalar | null)[]

export interface Row {
  kind: 'row'
  id: number
  field: string
  operator: RowOperator
  value: RowValue
  /** Of a property that callers name as they like: as what it is compared. */
  freeKind?: string
}

export interface Group {
  kind: 'group'
  id: number
  join: 'and' | 'or'
  isNegated: boolean
  parts: (Row | Group)[]
}

type Tree = Record<string, unknown>

const DAYS = 'days:'
const NOT = 'not_'
const MIRRORED: Record<string, string> = { '==': '==', '!=': '!=', '<': '>', '<=': '>=', '>': '<', '>=': '<=' }
/** Operators whose opposite is a row of its own; what else is negated stands in a group. */
const WITH_OPPOSITE = new Set(['has', 'in', 'starts_with', 'between'])

let lastId = 0
const nextId = () => (lastId += 1)

export const newRow = (field: FieldOut): Row => {
  const operator = operatorsOf(field)[0] ?? '=='
  return { kind: 'row', id: nextId(), field: field.name, operator, value: emptyValue(operator, field) }
}

export const newGroup = (parts: (Row | Group)[] = [], join: Group['join'] = 'and'): Group => ({ kind: 'group', id: nextId(), join, isNegated: false, parts })

export const isDays = (operator: RowOperator): boolean => operator.startsWith(DAYS)
export const isList = (operator: RowOperator): boolean => operator === 'in' || operator === `${NOT}in`
export const isRange = (operator: RowOperator): boolean => /(^|:|_)(between|inside)$/.test(operator)

/** A row of a property with the schema's free prefix: its name, and as what it is compared. */
export function newFreeRow(schema: ConditionSchemaOut, name = '', kind = schema.free!.kinds[0]!.kind): Row {
  const field = freeField(schema, schema.free!.prefix + name, kind)!
  return { ...newRow(field), freeKind: kind }
}

/** The field of a row; a free property is a field of its own name. */
export const fieldOf = (row: Pick<Row, 'field' | 'freeKind'>, schema: ConditionSchemaOut): FieldOut | undefined =>
  fieldsByName(schema).get(row.field) ?? freeField(schema, row.field, row.freeKind)

function freeField({ free }: ConditionSchemaOut, name: string, kind?: string): FieldOut | undefined {
  const found = free && name.startsWith(free.prefix) ? free.kinds.find((one) => one.kind === kind) : undefined
  return found && { ...found, name, label: name.slice(free!.prefix.length) || free!.label }
}

/** A property has the kind of what it is compared with. */
function kindOf(operator: string, value: RowValue): string {
  const one: unknown = Array.isArray(value) ? value[0] : value
  if (operator === 'has') return 'texts'
  return typeof one === 'string' ? 'text' : typeof one
}

/** The operators a field is offered, in the order in which people look for them. */
export function operatorsOf(field: FieldOut): RowOperator[] {
  if (field.kind === 'boolean') return ['==']
  const days = ['<=', '>', '<', '>=', '==', 'between'].filter((one) => field.operators_of_days_ago.includes(one)).map((one) => DAYS + one)
  const plain = field.operators
    .filter((one) => one !== 'inside' && one !== 'between')
    .flatMap((one) => (WITH_OPPOSITE.has(one) ? [one, NOT + one] : [one]))
  const ranges = field.operators.includes('between') ? ['between'] : []
  return [...days, ...(field.kind === 'whole' || field.kind === 'money' || field.kind === 'number' ? ['>=', '<='] : []), ...plain, ...ranges].filter(
    (one, at, all) => all.indexOf(one) === at,
  )
}

/** The value a row starts with. */
function emptyValue(operator: RowOperator, field: FieldOut): RowValue {
  if (isList(operator)) return []
  if (isRange(operator)) return [null, null]
  return field.kind === 'boolean' && !isDays(operator) ? true : null
}

/** The value to go on with after another operator was chosen: kept where it still fits. */
export function carriedValue(row: Row, operator: RowOperator, field: FieldOut): RowValue {
  const shape = (one: RowOperator) => `${isDays(one)}${isList(one)}${isRange(one)}`
  return shape(row.operator) === shape(operator) ? row.value : emptyValue(operator, field)
}

const isWhole = (value: unknown) => Number.isSafeInteger(value)

function isFilled(value: unknown, field: FieldOut, operator: RowOperator): boolean {
  if (isDays(operator)) return isWhole(value)
  switch (field.kind) {
    case 'whole':
    case 'money':
      return isWhole(value)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value)
    case 'boolean':
      return typeof value === 'boolean'
    default:
      return typeof value === 'string' && value !== ''
  }
}

function isRowComplete(row: Row, field: FieldOut): boolean {
  if (!Array.isArray(row.value)) return isFilled(row.value, field, row.operator)
  if (row.value.length === 0 || !row.value.every((one) => isFilled(one, field, row.operator))) return false
  const [low, high] = row.value
  return !isRange(row.operator) || low! <= high!
}

/** The tree of a group; null while a row is not filled in. No rows at all are the tree `true`: everybody. */
export function writeTree(root: Group, schema: ConditionSchemaOut): unknown {
  if (root.parts.length === 0) return root.isNegated ? null : true
  return writeGroup(root, schema)
}

export const fieldsByName = (schema: ConditionSchemaOut): Map<string, FieldOut> => new Map(schema.fields.map((field) => [field.name, field]))

function writeGroup(group: Group, schema: ConditionSchemaOut): Tree | null {
  const parts = group.parts.map((part) => (part.kind === 'row' ? writeRow(part, schema) : writeGroup(part, schema)))
  if (parts.length === 0 || parts.some((part) => part === null)) return null
  const tree = parts.length === 1 ? (parts[0] as Tree) : { [group.join]: parts }
  return group.isNegated ? { '!': [tree] } : tree
}

function writeRow(row: Row, schema: ConditionSchemaOut): Tree | null {
  const field = fieldOf(row, schema)
  if (!field || row.field === schema.free?.prefix || !isRowComplete(row, field)) return null
  const name = { var: row.field }
  if (isDays(row.operator)) return writeComparison(row.operator.slice(DAYS.length), { days_ago: [name] }, row.value)
  if (row.operator.startsWith(NOT)) return { '!': [writeComparison(row.operator.slice(NOT.length), name, row.value)] }
  return writeComparison(row.operator, name, row.value)
}

function writeComparison(operator: string, operand: Tree, value: RowValue): Tree {
  if (operator === 'has') return { in: [value, operand] }
  if (Array.isArray(value) && operator !== 'in') return { [operator === 'between' ? '<=' : '<']: [value[0], operand, value[1]] }
  return { [operator]: [operand, value] }
}

/** The builder's form of a tree; null when it is deeper or other than the builder can show. */
export function readTree(tree: unknown, schema: ConditionSchemaOut): Group | null {
  if (tree === true) return newGroup()
  const part = readPart(tree, schema, 1)
  if (part === null) return null
  return part.kind === 'group' ? part : newGroup([part])
}

function readPart(tree: unknown, schema: ConditionSchemaOut, depth: number): Row | Group | null {
  const [operator, value] = onlyEntry(tree)
  if (operator === 'and' || operator === 'or') return readGroup(operator, value, schema, depth)
  if (operator === '!') return readNegation(Array.isArray(value) && value.length === 1 ? value[0] : value, schema, depth)
  return operator === null ? null : readRow(operator, value, schema)
}

function readGroup(join: Group['join'], value: unknown, schema: ConditionSchemaOut, depth: number): Group | null {
  if (depth > 2 || !Array.isArray(value)) return null
  const parts = value.map((part) => readPart(part, schema, depth + 1))
  return parts.some((part) => part === null) ? null : newGroup(parts as (Row | Group)[], join)
}

function readNegation(tree: unknown, schema: ConditionSchemaOut, depth: number): Row | Group | null {
  const part = readPart(tree, schema, depth)
  if (part?.kind === 'row') {
    if (WITH_OPPOSITE.has(part.operator)) return { ...part, operator: NOT + part.operator }
    return depth > 2 ? null : { ...newGroup([part]), isNegated: true }
  }
  return part && !part.isNegated ? { ...part, isNegated: true } : null
}

function readRow(operator: string, value: unknown, schema: ConditionSchemaOut): Row | null {
  if (!Array.isArray(value)) return null
  const at = value.findIndex((one) => nameOf(one) !== null)
  const operand = at < 0 ? null : nameOf(value[at])
  const read = operand && comparisonOf(operator, value, at)
  if (!operand || !read) return null
  const known = fieldsByName(schema).has(operand.name)
  const freeKind = known ? undefined : kindOf(read.operator, read.value)
  const field = fieldOf({ field: operand.name, freeKind }, schema)
  if (!field) return null
  const operators = operand.isDays ? field.operators_of_days_ago : field.operators
  if (!operators.includes(read.operator)) return null
  const row: Row = { kind: 'row', id: nextId(), field: field.name, operator: (operand.isDays ? DAYS : '') + read.operator, value: read.value }
  return freeKind ? { ...row, freeKind } : row
}

function comparisonOf(operator: string, value: unknown[], at: number): { operator: string; value: RowValue } | null {
  if (value.length === 3) {
    if (at !== 1 || (operator !== '<=' && operator !== '<')) return null
    return { operator: operator === '<=' ? 'between' : 'inside', value: [value[0], value[2]] as RowValue }
  }
  if (value.length !== 2) return null
  const literal = value[1 - at] as RowValue
  if (operator === 'in') return { operator: at === 1 ? 'has' : 'in', value: literal }
  if (operator === 'starts_with') return at === 0 ? { operator, value: literal } : null
  const mirrored = MIRRORED[operator]
  return mirrored ? { operator: at === 0 ? operator : mirrored, value: literal } : null
}

function nameOf(value: unknown): { name: string; isDays: boolean } | null {
  const [operator, inner] = onlyEntry(value)
  const one = Array.isArray(inner) ? inner[0] : inner
  if (operator === 'var') return typeof one === 'string' ? { name: one, isDays: false } : null
  const named = operator === 'days_ago' ? nameOf(one) : null
  return named && { ...named, isDays: true }
}

function onlyEntry(value: unknown): [string | null, unknown] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [null, null]
  const entries = Object.entries(value)
  return entries.length === 1 ? entries[0]! : [null, null]
}
