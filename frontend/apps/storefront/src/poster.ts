/** A poster to save or send: shop, who invites, what it brings, and a code to scan. Drawn here, as the
 *  phone has the fonts; 900 × 1350 pixels. */
export interface Poster {
  shop: string
  title: string
  offer: string
  scan: string
  code: string
  link: string
  brand: string
  onBrand: string
}

export const POSTER = { width: 900, height: 1350 }
const FONT = "system-ui, 'PingFang SC', 'Noto Sans SC', 'Microsoft YaHei', sans-serif"
const INK = '#15181f'
const QUIET = '#5c6370'
const CARD = { x: 70, y: 470, width: 760, height: 790, radius: 44 }
const QR = { size: 440, top: 530 }

/** Lines no wider than `most`: broken at blanks, or between any two signs where there are none. */
export function wrapText(text: string, most: number, measure: (part: string) => number): string[] {
  const parts = text.match(/[\u2e80-\u9fff\uff00-\uffef]|[^\s\u2e80-\u9fff\uff00-\uffef]+\s*|\s+/g) ?? []
  const lines: string[] = []
  let line = ''
  for (const part of parts) {
    if (line && measure((line + part).trimEnd()) > most) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += part
  }
  return line.trim() ? [...lines, line.trimEnd()] : lines
}

type Paint = CanvasRenderingContext2D

function write(paint: Paint, text: string, y: number, size: number, colour: string, weight = 600, most = 700, lines = 2): number {
  paint.font = `${weight} ${size}px ${FONT}`
  paint.fillStyle = colour
  const found = wrapText(text, most, (part) => paint.measureText(part).width).slice(0, lines)
  found.forEach((line, index) => paint.fillText(line, POSTER.width / 2, y + index * size * 1.35, most))
  return y + found.length * size * 1.35
}

async function drawCode(paint: Paint, link: string): Promise<void> {
  const { generate } = await import('lean-qr')
  const code = generate(link)
  const unit = Math.floor(QR.size / code.size)
  const left = (POSTER.width - unit * code.size) / 2
  paint.fillStyle = INK
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) if (code.get(x, y)) paint.fillRect(left + x * unit, QR.top + y * unit, unit, unit)
  }
}

function drawGround(paint: Paint, poster: Poster): void {
  paint.fillStyle = poster.brand
  paint.fillRect(0, 0, POSTER.width, POSTER.height)
  const light = paint.createRadialGradient(POSTER.width, 0, 0, POSTER.width, 0, 900)
  light.addColorStop(0, 'rgb(255 255 255 / 28%)')
  light.addColorStop(1, 'rgb(255 255 255 / 0%)')
  paint.fillStyle = light
  paint.fillRect(0, 0, POSTER.width, POSTER.height)
  paint.fillStyle = '#fff'
  paint.beginPath()
  paint.roundRect(CARD.x, CARD.y, CARD.width, CARD.height, CARD.radius)
  paint.fill()
}

/** Draws a poster; the canvas gets its size. */
export async function drawPoster(canvas: HTMLCanvasElement, poster: Poster): Promise<void> {
  canvas.width = POSTER.width
  canvas.height = POSTER.height
  const paint = canvas.getContext('2d')
  if (!paint) throw new Error('this browser draws nothing')
  paint.textAlign = 'center'
  paint.textBaseline = 'alphabetic'
  drawGround(paint, poster)
  write(paint, poster.shop, 150, 52, poster.onBrand, 700, 760, 1)
  write(paint, poster.title, 270, 60, poster.onBrand, 750, 760, 2)
  await drawCode(paint, poster.link)
  write(paint, poster.scan, 1030, 32, QUIET, 500)
  write(paint, poster.code, 1105, 58, INK, 750)
  if (poster.offer) write(paint, poster.offer, 1180, 32, INK, 600, 680)
}

/** The drawing as a file, to save or to hand to another app. */
export function posterFile(canvas: HTMLCanvasElement, name: string): Promise<File> {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(new File([blob], name, { type: 'image/png' })) : reject(new Error('nothing drawn'))), 'image/png')
  })
}
