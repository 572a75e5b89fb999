// What Hubtrail collected of an emulated account, served by `hubtrail serve` as HubSpot's API.

const { execFileSync, spawn } = require('node:child_process')
const { mkdtempSync, rmSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { createInterface } = require('node:readline')

const PASSWORD = 'kettle ferry octagon'

async function archiveOf(account) {
  const dir = mkdtempSync(join(tmpdir(), 'hubtrail-'))
  const given = (...rest) => ['--data-dir', dir, ...rest]
  const run = (input, ...rest) =>
    execFileSync(process.env.HUBTRAIL_BIN, given(...rest), { input, stdio: ['pipe', 'ignore', 'inherit'] })
  run(account.token, 'connector', 'add', 'acme', '--base-url', account.url, '--rate-limit', 'off', '--token-stdin')
  run('', 'collect', 'acme', '--once')
  const serve = spawn(process.env.HUBTRAIL_BIN, given('serve', '--listen', '127.0.0.1:0'), { stdio: ['ignore', 'pipe', 'inherit'] })
  const lines = createInterface({ input: serve.stdout })[Symbol.asyncIterator]()
  const said = async (pattern) => (await lines.next()).value.match(pattern)[1]
  const url = await said(/^listening on (.*)$/)
  const key = await said(/\/setup\?key=(.*)$/)
  const post = async (path, body, headers = {}) => {
    const answer = await fetch(url + path, {
      method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers },
    })
    return [await answer.json(), answer.headers]
  }
  const [me, headers] = await post('/api/v1/setup', { key, name: 'admin', password: PASSWORD })
  const session = { cookie: headers.get('set-cookie').split(';')[0], 'x-csrf-token': me.csrf }
  const [made] = await post('/api/v1/tokens', { name: 'archive', role: 'viewer', accounts: ['acme'] }, session)
  const close = async () => {
    await new Promise((resolve) => serve.once('exit', resolve).kill())
    rmSync(dir, { recursive: true })
    await account.close()
  }
  return { ...account, url, token: made.token, close }
}

module.exports = { archiveOf }
