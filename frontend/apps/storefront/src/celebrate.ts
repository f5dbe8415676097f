import { prefersLessMotion } from './a11y.ts'
import { merchant } from './boot.ts'

const COLOURS = [merchant.brand, '#ffc53d', '#36cfc9', '#ff7875']

/** Confetti for a win; none for those who want less motion. It is drawn above an open sheet. */
export async function celebrate(): Promise<void> {
  if (prefersLessMotion()) return
  const { create } = await import('canvas-confetti')
  const canvas = document.createElement('canvas')
  canvas.className = 'confetti'
  canvas.ariaHidden = 'true'
  ;(document.querySelector('dialog[open]') ?? document.body).append(canvas)
  await create(canvas, { resize: true, useWorker: false })({ particleCount: 90, spread: 75, startVelocity: 38, origin: { y: 0.55 }, colors: COLOURS })
  canvas.remove()
}
