import { newIdempotencyKey } from '@jifen/api'
import type { ReceiverOut, TransferOut } from '@jifen/api/storefront'
import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, ref, shallowRef, watch } from 'vue'
import { call, format, isSignedIn } from '../boot.ts'
import { t } from '../i18n.ts'
import { errorText } from '../texts.ts'

const AFFECTED = ['transfers', 'me', 'mall-items', 'mall-item', 'transactions', 'months', 'lots']

/** What may be given away now. */
function useTransferTerms() {
  return useQuery({ queryKey: ['transfers'], queryFn: () => call('GET /transfers'), enabled: isSignedIn })
}

/** Who, how many, done: three steps, of which only the last moves points. */
export function useTransfer() {
  const client = useQueryClient()
  const terms = useTransferTerms()
  const who = ref('')
  const points = ref('')
  const receiver = shallowRef<ReceiverOut>()
  const done = shallowRef<TransferOut>()
  const problem = shallowRef('')
  // One key for one press and its repetitions; another amount or receiver is another transfer.
  const key = shallowRef(newIdempotencyKey())
  watch([receiver, points], () => {
    key.value = newIdempotencyKey()
  })

  const look = useMutation({ mutationFn: (text: string) => call('POST /transfer-receivers', { body: { phone_or_code: text } }) })
  const send = useMutation({
    mutationFn: (amount: number) =>
      call('POST /transfers', { body: { receiver_token: receiver.value!.token, points: amount }, headers: { 'Idempotency-Key': key.value } }),
    onSettled: () => Promise.all(AFFECTED.map((name) => client.invalidateQueries({ queryKey: [name] }))),
  })

  const amount = computed(() => (/^\d+$/.test(points.value.trim()) ? Number(points.value.trim()) : 0))
  const step = computed(() => (done.value ? 'done' : receiver.value ? 'amount' : 'who'))
  const isBusy = computed(() => look.isPending.value || send.isPending.value)

  async function attempt(work: () => Promise<void>) {
    if (isBusy.value) return
    problem.value = ''
    try {
      await work()
    } catch (error) {
      problem.value = errorText(error)
    }
  }

  const find = () =>
    attempt(async () => {
      const text = who.value.trim()
      if (!text) problem.value = t('transfer.whoEmpty')
      else receiver.value = await look.mutateAsync(text)
    })

  const give = () =>
    attempt(async () => {
      const bounds = terms.data.value
      if (!bounds) return
      if (amount.value < bounds.min_points || amount.value > bounds.max_points) {
        problem.value = t('transfer.between', { least: format.points(bounds.min_points), most: format.points(bounds.max_points) })
      } else done.value = await send.mutateAsync(amount.value)
    })

  function startOver() {
    receiver.value = undefined
    done.value = undefined
    problem.value = ''
    points.value = ''
  }

  return { terms, who, points, amount, receiver, done, problem, step, isBusy, find, give, startOver }
}
