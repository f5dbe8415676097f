import subsetFont from 'subset-font'
import type { Plugin } from 'vite'

const RULE = /\.van-icon-([a-z0-9-]+):before\{content:"\\([0-9a-f]+)"\}/g
const FONT = /url\("?data:[^,]*woff2[^,]*,([^")]+)"?\)/
const FALLBACKS = /,\s*url\([^)]*\)\s*format\("?(?:woff|truetype)"?\)/g

/** Drops the rules of the icons that are not kept; returns the sheet and the characters that stay. */
function keepRules(css: string, keep: string[]) {
  const characters: string[] = []
  const sheet = css.replace(RULE, (rule: string, name: string, code: string) => {
    if (!keep.includes(name)) return ''
    characters.push(String.fromCodePoint(parseInt(code, 16)))
    return rule
  })
  return { sheet, characters }
}

/**
 * Vant embeds a font of some 250 icons in vant/es/icon/index.css (30 kB gzip in the first load)
 * whose fallback points at a third party's host. This keeps the named icons and no address.
 */
export function vantIconSubset(keep: string[]): Plugin {
  return {
    name: 'vant-icon-subset',
    enforce: 'pre',
    async transform(css, id) {
      if (!/vant\/(?:es|lib)\/icon\/index\.css/.test(id)) return undefined
      const { sheet, characters } = keepRules(css, keep)
      const font = FONT.exec(sheet)
      if (!font?.[1]) this.error('the embedded font was not found: Vant has changed its icon/index.css')
      if (characters.length !== keep.length) this.error(`kept ${characters.length} icons of the ${keep.length} named`)
      const small = await subsetFont(Buffer.from(font[1], 'base64'), characters.join(''), { targetFormat: 'woff2' })
      const embedded = `url("data:font/woff2;base64,${small.toString('base64')}")`
      return { code: sheet.replace(font[0], embedded).replace(FALLBACKS, ''), map: null }
    },
  }
}
