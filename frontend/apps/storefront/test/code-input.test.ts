import './page.ts'
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import CodeInput from '../src/components/CodeInput.vue'

describe('the code field', () => {
  const open = () => mount(CodeInput, { props: { modelValue: '', isInvalid: false, isDisabled: false } })

  it('takes a pasted code with blanks and full-width digits, and says when it is complete', async () => {
    const field = open()
    await field.find('input').setValue(' 12 3４５６7')
    expect(field.emitted('update:modelValue')).toEqual([['123456']])
    expect(field.emitted('complete')).toHaveLength(1)
  })

  it('waits for six digits', async () => {
    const field = open()
    await field.find('input').setValue('12a')
    expect(field.emitted('update:modelValue')).toEqual([['12']])
    expect(field.emitted('complete')).toBeUndefined()
  })
})
