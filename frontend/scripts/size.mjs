// Bytes a browser loads for each route (gzip), from Vite's manifest; exits 1 over the budget.
// Usage: node scripts/size.mjs apps/<name> [largest first load of JavaScript, in kB]
import { existsSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const [app, budget] = process.argv.slice(2)
const dist = `${app}/dist/`

if (!existsSync(`${dist}manifest.json`)) {
  process.stderr.write(`${app} is not built: run npm run build first\n`)
  process.exit(1)
}

const manifest = JSON.parse(readFileSync(`${dist}manifest.json`, 'utf8'))
const weigh = (file) => gzipSync(readFileSync(dist + file), { level: 9 }).length
const total = (files) => [...files].reduce((sum, file) => sum + weigh(file), 0)
const inKilobytes = (bytes) => (bytes / 1000).toFixed(1).padStart(7)

/** Every chunk that loading `key` loads at once. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen
  seen.add(key)
  for (const imported of manifest[key].imports ?? []) closure(imported, seen)
  return seen
}

/** The script and style files of some chunks. */
function filesOf(keys) {
  const js = new Set()
  const css = new Set()
  for (const key of keys) {
    js.add(manifest[key].file)
    for (const sheet of manifest[key].css ?? []) css.add(sheet)
  }
  return { js, css }
}

const report = (name, { js, css }) =>
  process.stdout.write(`${name.padEnd(38)} js ${inKilobytes(total(js))}  css ${inKilobytes(total(css))}  (${js.size + css.size} files)\n`)

const keys = Object.keys(manifest)
const first = closure(keys.find((key) => manifest[key].isEntry))
const entry = filesOf(first)
report(`${app} entry, kB gzip`, entry)
for (const key of keys.filter((name) => manifest[name].isDynamicEntry).toSorted()) {
  report(`  + ${key.replace(/^.*src\//, '')}`, filesOf([...closure(key)].filter((chunk) => !first.has(chunk))))
}

if (budget && total(entry.js) > Number(budget) * 1000) {
  process.stderr.write(`over the budget of ${budget} kB of JavaScript at first load\n`)
  process.exit(1)
}
