// An emulated HubSpot account in a process of its own, and what is true of it.

const { spawn } = require('node:child_process')
const { createInterface } = require('node:readline')

const TOKEN = 'pat-na1-conformance'

async function start(flags, events = 600) {
  const given = ['emulate', '--listen', '127.0.0.1:0', '--token', TOKEN, '--events', `${events}`, '--seed', '7', ...flags]
  const process_ = spawn(process.env.HUBTRAIL_BIN, given, { stdio: ['ignore', 'pipe', 'ignore'] })
  const lines = createInterface({ input: process_.stdout })
  const line = await new Promise((resolve, reject) => {
    lines.once('line', resolve)
    process_.once('error', reject)
    process_.once('exit', (code) => reject(new Error(`the emulator ended with ${code}: ${given.join(' ')}`)))
  })
  const url = line.replace('listening on ', '').trim()
  const close = () => new Promise((resolve) => process_.removeAllListeners('exit').once('exit', resolve).kill())
  const get = async (path) => (await fetch(url + path)).text()
  return {
    url,
    token: TOKEN,
    close,
    truth: async () => (await get('/emulator/truth')).trim().split('\n').map((line) => JSON.parse(line)),
    requests: async () => JSON.parse(await get('/emulator/stats')).requests,
  }
}

// A record, of the truth or as a client made it, in a form that can be compared.
function plain(record) {
  const { objectId, objectName, objectType, event, userId, fullName, meta } = record
  const at = new Date(record.timestamp).getTime()
  if (Number.isNaN(at)) throw new Error(`not a time: ${record.timestamp}`)
  return JSON.stringify([at, objectId, objectName, objectType, event, userId, fullName, meta ?? null])
}

// The values of a field that occur most.
function common(truth, field, count) {
  const counts = new Map()
  for (const record of truth) counts.set(record[field], (counts.get(record[field]) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, count).map(([value]) => value)
}

module.exports = { TOKEN, start, plain, common }
