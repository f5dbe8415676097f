import { ApiError } from '@jifen/api'
import { computed, ref, shallowRef, watch } from 'vue'
import { t } from '../i18n.ts'
import { errorText } from '../texts.ts'
import { useCountdown } from './useCountdown.ts'
import { useDemoSignIn, useRequestCode, useSignIn } from './useSession.ts'

/** Sign-in in two steps: an address, then the code sent there. */
export function useSignInForm(onDone: () => void) {
  const request = useRequestCode()
  const signIn = useSignIn()
  const demo = useDemoSignIn()
  const wait = useCountdown()
  const address = ref('')
  const code = ref('')
  const step = shallowRef<'address' | 'code'>('address')
  const problem = shallowRef('')

  watch([address, code], ([, digits]) => {
    if (digits || step.value === 'address') problem.value = ''
  })

  function explain(error: unknown): void {
    problem.value = errorText(error)
    const pause = error instanceof ApiError ? error.fact('retry_after_seconds') : undefined
    if (pause) wait.start(pause)
  }

  async function attempt(action: () => Promise<unknown>): Promise<boolean> {
    problem.value = ''
    try {
      await action()
      return true
    } catch (error) {
      explain(error)
      return false
    }
  }

  async function sendCode(): Promise<void> {
    if (!address.value.trim()) {
      problem.value = t('signIn.addressEmpty')
      return
    }
    const isSent = await attempt(async () => wait.start((await request.mutateAsync(address.value.trim())).resend_in_seconds))
    if (!isSent) return
    code.value = ''
    step.value = 'code'
  }

  async function verify(): Promise<void> {
    if (signIn.isPending.value) return
    const isIn = await attempt(() => signIn.mutateAsync({ address: address.value.trim(), code: code.value }))
    if (isIn) onDone()
    else code.value = ''
  }

  async function enterDemo(): Promise<void> {
    if (await attempt(() => demo.mutateAsync())) onDone()
  }

  function startOver(): void {
    step.value = 'address'
    problem.value = ''
  }

  const isBusy = computed(() => request.isPending.value || signIn.isPending.value || demo.isPending.value)
  return { address, code, step, problem, isBusy, secondsLeft: wait.seconds, sendCode, verify, enterDemo, startOver }
}
