/** Sends the code by itself once it has six digits, however it was typed or pasted. */
export function startCode(form: HTMLFormElement): void {
  const code = form.elements.namedItem('code') as HTMLInputElement
  let isSent = false
  code.select()
  code.addEventListener('input', () => {
    const digits = code.value.normalize('NFKC').replaceAll(/\D/gu, '')
    if (digits.length !== 6 || isSent || form.elements.namedItem('password')) return
    isSent = true
    code.value = digits
    form.requestSubmit()
  })
}
