import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Tree = { [key: string]: string | Tree }

/** Dotted paths of all texts: `{ nav: { home: 'Home' } }` gives `nav.home`. */
function keysOf(tree: Tree, path = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [path + key] : keysOf(value, `${path}${key}.`)))
}

/** Everything an app is written in, but for the texts themselves and tests. */
export function sourceOf(folder: string): string {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((file) => file.isFile() && /\.(vue|ts)$/.test(file.name) && !file.name.endsWith('.test.ts'))
    .map((file) => join(file.parentPath, file.name))
    .filter((path) => !path.includes('locales'))
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
}

/**
 * Texts nobody shows. A text is shown when its key, or the branch it is on, stands somewhere in
 * quotes, or when a template makes its key of words that the app or the API's types (`api`) know:
 * `nav.${page}` shows `nav.home` where there is a `home`. What is on the branches `told` is named by
 * the server in words that no type lists.
 */
export function unusedKeys(tree: Tree, source: string, { api = '', told = [] }: { api?: string; told?: string[] } = {}): string[] {
  const quoted = new Set(Array.from(source.matchAll(/(['"])([\w.-]+)\1/g), (found) => found[2]!))
  const words = wordsOf(source + api)
  const made = [...templates(source)].map(toPattern)
  const isMade = (key: string) =>
    made.some((pattern) => {
      const found = pattern.exec(key)
      return found !== null && (told.some((branch) => key.startsWith(`${branch}.`)) || found.slice(1).every((word) => isWord(word, words)))
    })
  return keysOf(tree).filter((key) => !branches(key).some((one) => quoted.has(one)) && !isMade(key))
}

/** Known, or put together from two known words: `rolling_months`, or `not_` and `in`. */
function isWord(text: string, words: Set<string>): boolean {
  return words.has(text) || Array.from(text.matchAll(/_/g), ({ index }) => index).some((cut) => {
    const begins = words.has(text.slice(0, cut)) || words.has(text.slice(0, cut + 1))
    return begins && words.has(text.slice(cut + 1))
  })
}

/** What may stand in the hole of a key: words in quotes (`order.paid` also as `order_paid`) and names of fields. */
function wordsOf(source: string): Set<string> {
  const found = Array.from(source.matchAll(/['"]([\w.-]+)['"]|\b(\w+)\??:/g), ([, quoted, field]) => quoted ?? field!)
  return new Set(found.flatMap((word) => [word, word.replaceAll('.', '_')]))
}

/** Keys that are asked for and have no text. */
export function missingKeys(tree: Tree, source: string): string[] {
  const known = new Set(keysOf(tree))
  return Array.from(source.matchAll(/\bt\(\s*'([^']+)'/g), (found) => found[1]!).filter((key) => !known.has(key))
}

/** `a.b.c` and what it is part of, but for the first word alone, which says too little: `a.b`. */
function branches(key: string): string[] {
  const words = key.split('.')
  return words.map((_, index) => words.slice(0, index + 1).join('.')).slice(words.length > 1 ? 1 : 0)
}

const HOLE = '\0'

/** The templates that may be keys, with a hole for each expression. Any backtick may begin one. */
function* templates(source: string): Generator<string> {
  for (let start = source.indexOf('`'); start >= 0; start = source.indexOf('`', start + 1)) {
    const text = read(source, start + 1)
    if (text.includes(HOLE) && /^[\w-]+\.[\w.\0-]+$/.test(text)) yield text
  }
}

function read(source: string, from: number): string {
  let text = ''
  for (let at = from; at < source.length && source[at] !== '`' && source[at] !== '\n'; at += 1) {
    if (source.startsWith('${', at)) {
      at = closing(source, at + 2)
      text += HOLE
    } else text += source[at]
  }
  return text
}

/** Where the expression that begins here ends; braces inside it are counted. */
function closing(source: string, from: number): number {
  let depth = 1
  let at = from
  for (; at < source.length; at += 1) {
    if (source[at] === '{') depth += 1
    if (source[at] === '}') depth -= 1
    if (depth === 0) break
  }
  return at
}

function toPattern(template: string): RegExp {
  return new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(HOLE, '([^.]+)')}$`)
}
