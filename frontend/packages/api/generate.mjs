// Writes src/<surface>.gen.ts from docs/api/<surface>.yaml: the types of every request and answer,
// and `Operations`, which says what each operation takes and answers.
// With --check it writes nothing and fails when a committed file is stale.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@hey-api/openapi-ts'

const here = fileURLToPath(new URL('.', import.meta.url))
const isCheck = process.argv.includes('--check')

function operationsOf(paths, base) {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { id }]) => {
      const name = id[0].toUpperCase() + id.slice(1)
      return `    '${method.toUpperCase()} ${path.replace(base, '')}': { takes: ${name}Data; answers: ${name}Response };\n`
    }),
  )
  return `\nexport type Operations = {\n${all.join('')}};\n`
}

async function generate(surface) {
  const input = join(here, `../../../docs/api/${surface}.yaml`)
  const folder = await mkdtemp(join(tmpdir(), 'jifen-api-'))
  try {
    const output = { path: folder }
    const [{ ir }] = await createClient({ input, output, plugins: ['@hey-api/typescript'], logs: { level: 'silent' } })
    const types = await readFile(join(folder, 'types.gen.ts'), 'utf8')
    return types + operationsOf(ir.paths, `/api/${surface}/v1`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

const stale = []
for (const surface of ['storefront', 'console']) {
  const file = join(here, `src/${surface}.gen.ts`)
  const text = await generate(surface)
  if (text === (await readFile(file, 'utf8').catch(() => ''))) continue
  if (isCheck) stale.push(`${surface}.gen.ts`)
  else await writeFile(file, text)
}
if (stale.length > 0) {
  process.stderr.write(`Stale: ${stale.join(', ')}. Run \`make generate\` and commit the result.\n`)
  process.exitCode = 1
}
