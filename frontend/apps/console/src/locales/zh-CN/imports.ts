export default {
  jobs: {
    counted: '{done} / {total}',
    cancel: '取消',
    unreachable: '暂时连不上服务器，处理不受影响，稍后自动更新。',
    steps: {
      waiting: '排队中，马上开始',
      starting: '正在准备',
      working: '正在处理，可以离开此页，稍后回来看',
      done: '已完成',
      failed: '没能完成',
      cancelled: '已取消',
    },
  },
}
