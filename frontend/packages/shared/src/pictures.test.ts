import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { GIFT, pictureCode, pictureUrl } from './pictures.ts'

const FOLDER = 'pictures/emoji'

describe('pictures', () => {
  it('are found by code, with a gift for everything else', () => {
    expect(pictureUrl('1f375')).toBe('/static/pictures/emoji/1f375.webp')
    for (const code of ['', null, undefined, '../../x', '1F375"', 'tea']) expect(pictureUrl(code)).toBe(`/static/pictures/emoji/${GIFT}.webp`)
  })

  it('are found for an emoji itself, whatever its variation', () => {
    expect(pictureCode('🍵')).toBe('1f375')
    expect(pictureCode('🛍️')).toBe('1f6cd')
  })

  it('are exactly the ones listed, each small', () => {
    const used = Object.keys(JSON.parse(readFileSync(`${FOLDER}/used.json`, 'utf8')) as Record<string, string>)
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.webp'))
    expect(files.toSorted()).toEqual(used.map((code) => `${code}.webp`).toSorted())
    for (const name of files) expect(readFileSync(`${FOLDER}/${name}`).byteLength).toBeLessThan(15_000)
    expect(existsSync(`${FOLDER}/LICENSE`)).toBe(true)
  })
})
