import { describe, expect, it } from 'vitest'
import { readBootstrap, rememberLocale } from './bootstrap.ts'

function pageWith(data: unknown): Document {
  const page = new DOMParser().parseFromString('<body><script id="bootstrap" type="application/json"></script></body>', 'text/html')
  page.getElementById('bootstrap')!.textContent = JSON.stringify(data)
  return page
}

describe('bootstrap', () => {
  it('fills what the page left out', () => {
    const read = readBootstrap(pageWith({ surface: 'storefront', merchant: { slug: 'tea', locale: 'en' } }))
    expect(read).toMatchObject({ locale: 'en', member: null, session: null, features: { demo_sign_in: false }, prefetch: {} })
  })

  it('says so when there is none', () => {
    expect(() => readBootstrap(new DOMParser().parseFromString('<p></p>', 'text/html'))).toThrow('no bootstrap data')
  })

  it('remembers the language in the cookie the server reads', () => {
    const jar = { cookie: '' } as Document
    rememberLocale('en', jar)
    expect(jar.cookie).toMatch(/^jf_lang=en; path=\/;/)
  })
})
