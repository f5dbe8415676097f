/** Colours that suit a shop, offered before the free choice; each has a name in both languages. */
export const BRAND_COLOURS = [
  { code: '#2f7d5b', name: 'tea' },
  { code: '#0f8a8a', name: 'teal' },
  { code: '#2563c9', name: 'blue' },
  { code: '#5b4bc4', name: 'iris' },
  { code: '#9c3fa8', name: 'plum' },
  { code: '#d6336c', name: 'rose' },
  { code: '#d93a2b', name: 'red' },
  { code: '#d9730d', name: 'orange' },
  { code: '#f2c230', name: 'lemon' },
  { code: '#6b4a32', name: 'coffee' },
  { code: '#2b303a', name: 'ink' },
] as const
