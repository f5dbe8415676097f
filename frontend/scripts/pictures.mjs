// Copies the pictures listed in pictures/emoji/used.json from @lobehub/fluent-emoji-3d and removes the ones no longer listed.
import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const LIMIT = 15_000
const target = 'pictures/emoji'
const source = join(dirname(createRequire(import.meta.url).resolve('@lobehub/fluent-emoji-3d/package.json')), 'assets')
const used = JSON.parse(readFileSync(join(target, 'used.json'), 'utf8'))

for (const name of readdirSync(target)) {
  if (name.endsWith('.webp') && !(name.slice(0, -5) in used)) rmSync(join(target, name))
}
for (const code of Object.keys(used)) {
  const found = [`${code}.webp`, `${code}-fe0f.webp`].map((name) => join(source, name)).find((path) => existsSync(path))
  if (!found) throw new Error(`no picture for ${code} (${used[code]})`)
  if (statSync(found).size > LIMIT) throw new Error(`${code} (${used[code]}) is larger than ${LIMIT} bytes`)
  copyFileSync(found, join(target, `${code}.webp`))
}
process.stdout.write(`${Object.keys(used).length} pictures in ${target}\n`)
