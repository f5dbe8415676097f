import type zh from '../zh-CN/imports.ts'

const en: typeof zh = {
  jobs: {
    counted: '{done} of {total}',
    cancel: 'Cancel',
    unreachable: 'The server does not answer right now. The work goes on; this page catches up by itself.',
    steps: {
      waiting: 'Waiting for its turn',
      starting: 'Getting ready',
      working: 'Working. You may leave this page and come back',
      done: 'Done',
      failed: 'Could not be done',
      cancelled: 'Cancelled',
    },
  },
}

export default en
