// Unpacks the Chromium that npm's @sparticuz/chromium carries into $TMPDIR and prints {path, libs}.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

// Makes the package unpack the system libraries that Chromium needs as well.
process.env.AWS_LAMBDA_JS_RUNTIME ??= 'nodejs22.x'
const [folder] = process.argv.slice(2)
const entry = createRequire(join(folder, 'package.json')).resolve('@sparticuz/chromium')
const { default: chromium } = await import(pathToFileURL(entry).href)
console.log(JSON.stringify({ path: await chromium.executablePath(), libs: process.env.LD_LIBRARY_PATH ?? '' }))
