import { byId, language } from './page.ts'

const PAUSE_MS = 400

interface ProgressAnswer {
  status: 'unverified' | 'provisioning' | 'ready' | 'failed'
  progress: number
  steps: { code: string; title: string; state: string }[]
}

/** Asks how far the shop is and shows it; when that is settled, the server's page takes over. */
export function startProgress(box: HTMLElement): void {
  if (box.dataset['status'] !== 'provisioning') return
  const ask = async () => {
    const answer = await fetchProgress(box.dataset['url'] ?? '')
    if (answer) show(answer)
    if (answer && answer.status !== 'provisioning') window.location.reload()
    else window.setTimeout(() => void ask(), PAUSE_MS)
  }
  void ask()
}

async function fetchProgress(url: string): Promise<ProgressAnswer | null> {
  const response = await fetch(url, { headers: { 'Accept-Language': language() } }).catch(() => null)
  return response?.ok ? ((await response.json()) as ProgressAnswer) : null
}

function show(answer: ProgressAnswer): void {
  ;(byId('meter') as HTMLProgressElement).value = answer.progress
  byId('percent').textContent = `${answer.progress}%`
  for (const step of answer.steps) {
    const row = byId('tasks').querySelector<HTMLElement>(`[data-code="${step.code}"]`)
    if (row) row.dataset['state'] = step.state
  }
}
