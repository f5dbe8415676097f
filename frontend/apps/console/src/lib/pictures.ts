/** Pictures a merchant may put on a mall item; each has a name in both languages. */
export const ITEM_PICTURES = [
  '1f381', '1f9e7', '1f375', '1fad6', '1f9cb', '2615', '1f964', '1f37d', '1f382', '1f370', '1f369', '1f36a',
  '1f36b', '1f950', '1f36f', '1f34a', '1f39f', '1f3ab', '1f3f7', '1fa99', '1f4b0', '1f4b3', '1f3a7', '1f4da',
  '1f4d3', '1f58a', '1f3a8', '1f6cd', '1f45c', '1f392', '1f455', '1f45f', '1f9e6', '1f9e3', '2602', '1f576',
  '231a', '1f4f7', '1f9f8', '1f9e9', '1fab4', '1f490', '1f33b', '1f56f', '1f9f4', '1f484', '1f486', '1f451',
  '1f48e', '1f3c6', '1f69a', '1f3b5', '1f4bf',
] as const

/** What can be chosen, with what is chosen now even when it came from elsewhere. */
export function withCurrent(choices: readonly string[], current: string): string[] {
  return current === '' || choices.includes(current) ? [...choices] : [current, ...choices]
}

/** Emoji a merchant may take as a logo; the picture of each is among those above. */
export const LOGOS = ['🍵', '☕', '🧋', '🍰', '🥐', '🍯', '🛍', '👜', '👕', '👟', '🧸', '💐', '🌻', '🪴', '🕯', '💄', '💎', '👑', '📚', '🎨', '💿', '🎧'] as const
