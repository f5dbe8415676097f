import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import consoleTexts from '../apps/console/src/locales/zh-CN.ts'
import storefrontTexts from '../apps/storefront/src/locales/zh-CN.ts'
import { missingKeys, sourceOf, unusedKeys } from './locale-keys.ts'

const FRONTEND = `${import.meta.dirname}/..`
const APPS = [
  { app: 'console', texts: consoleTexts, told: ['audit.actions', 'audit.fields', 'audit.values', 'settingsLog', 'webhooks.errors'] },
  { app: 'storefront', texts: storefrontTexts, told: [] },
]

describe.each(APPS)('texts of the $app', ({ app, texts, told }) => {
  const source = sourceOf(`${FRONTEND}/apps/${app}/src`)

  it('are all shown somewhere', () => {
    const api = readFileSync(`${FRONTEND}/packages/api/src/${app}.gen.ts`, 'utf8')
    expect(unusedKeys(texts, source, { api, told })).toEqual([])
  })

  it('are all there', () => {
    expect(source.length).toBeGreaterThan(100_000)
    expect(missingKeys(texts, source)).toEqual([])
  })
})

describe('the search for texts', () => {
  const tree = { nav: { home: 'Home', me: 'Me' }, orders: { kinds: { won: 'Won', lost: 'Lost' } } }

  it('finds what nobody shows', () => {
    expect(unusedKeys(tree, `t('nav.home')`)).toEqual(['nav.me', 'orders.kinds.won', 'orders.kinds.lost'])
    expect(unusedKeys(tree, "t(`nav.${page}`); const pages = ['me', 'mall']")).toEqual(['nav.home', 'orders.kinds.won', 'orders.kinds.lost'])
  })

  it('knows keys that are put together', () => {
    expect(unusedKeys(tree, "t(`nav.${({ a: 'home', b: 'me' })[one]}`); const kinds = 'orders.kinds'")).toEqual([])
    const nested = '`${t(`nav.${page}`)}, ${t(`orders.${one}.${two}`)}`'
    expect(unusedKeys(tree, nested, { api: "'home' | 'me'; kinds: string", told: ['orders.kinds'] })).toEqual([])
    expect(unusedKeys(tree, nested, { api: "'nav.home', 'nav.me', kinds: 'won' | 'lo.st'" })).toEqual(['nav.home', 'nav.me', 'orders.kinds.lost'])
  })

  it('finds what has no text', () => {
    expect(missingKeys(tree, `t('nav.home') t('nav.hom')`)).toEqual(['nav.hom'])
  })
})
