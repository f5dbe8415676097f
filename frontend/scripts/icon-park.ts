import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Plugin } from 'vite'

const PREFIX = '~icons/'
const RESOLVED = '\0icon-park:'

interface IconSet {
  icons: Record<string, { body: string }>
  width: number
  height: number
}

/** Reads IconPark's outline set (Apache-2.0) once per build. */
function readIcons(): IconSet {
  const path = createRequire(import.meta.url).resolve('@iconify-json/icon-park-outline/icons.json')
  return JSON.parse(readFileSync(path, 'utf8')) as IconSet
}

/** Source of a component that draws one icon as inline SVG: no font, no style attribute, so a strict CSP has nothing to refuse. */
function componentSource(set: IconSet, body: string): string {
  const box = `0 0 ${set.width} ${set.height}`
  return `import { h } from 'vue'
const attrs = { class: 'icon', viewBox: '${box}', width: '1em', height: '1em', 'aria-hidden': 'true', innerHTML: ${JSON.stringify(body)} }
export default () => h('svg', attrs)`
}

/** `import IconGift from '~icons/gift'` becomes a component with that one icon of icon-park-outline; the rest of the set stays out of the bundle. */
export function iconPark(): Plugin {
  let set: IconSet | undefined
  return {
    name: 'icon-park',
    resolveId: (id) => (id.startsWith(PREFIX) ? RESOLVED + id.slice(PREFIX.length) : undefined),
    load(id) {
      if (!id.startsWith(RESOLVED)) return undefined
      set ??= readIcons()
      const icon = set.icons[id.slice(RESOLVED.length)]
      if (!icon) this.error(`icon-park-outline has no icon "${id.slice(RESOLVED.length)}"`)
      if (icon.body.includes('style=')) this.error(`the icon "${id.slice(RESOLVED.length)}" has a style attribute, which the content security policy refuses`)
      return componentSource(set, icon.body)
    },
  }
}
