// npm @hubspot/api-client, unchanged, against the emulator and the archive. It repeats a key for each value of a filter.

const assert = require('node:assert/strict')
const { after, before, describe, test } = require('node:test')
const hubspot = require('@hubspot/api-client')
const { TOKEN, common, plain, start } = require('./account.cjs')
const { archiveOf } = require('./service.cjs')

const UNLIMITED = ['--rate-limit', 'off', '--daily-limit', 'off']

// The client keeps its settings per process: the one made last decides about retries and pauses of all.
function clientOf(account, settings = {}) {
  const { accessToken = account.token, numberOfApiCallRetries = 0 } = settings
  const limiterOptions = { maxConcurrent: 6, minTime: 0 }
  return new hubspot.Client({ accessToken, basePath: account.url, limiterOptions, numberOfApiCallRetries })
}

function getPage(client, query = {}) {
  const { userId, eventType, objectType, objectId, after, before, limit, sort } = query
  return client.cms.auditLogs.auditLogsApi.getPage(
    userId, eventType, objectType, objectId, after, before, limit, sort)
}

async function toTheEnd(client, query = {}) {
  const events = []
  for (let after = query.after; ; ) {
    const page = await getPage(client, { ...query, after })
    events.push(...page.results)
    after = page.paging?.next?.after
    if (!after) return events
  }
}

function assertSame(events, records) {
  assert.deepEqual(events.map(plain), records.map(plain))
}

const refused = (code, text) => (error) => {
  assert.equal(error.code, code)
  assert.match(JSON.stringify(error.body), text)
  return true
}

const emulated = () => start(['--cursor', 'opaque', ...UNLIMITED])
const servers = { 'the emulator': emulated, 'the archive': async () => archiveOf(await emulated()) }

// What holds for whoever serves the events of an account.
for (const [name, begin] of Object.entries(servers)) describe(name, () => {
  let account, truth, client
  before(async () => {
    account = await begin()
    truth = await account.truth()
    client = clientOf(account)
  })
  after(() => account.close())

  test('paging to the end', async () => {
    assert.equal(truth.length, 600)
    assertSame(await toTheEnd(client), truth)
    assertSame(await toTheEnd(client, { limit: 7 }), truth)
  })

  test('every filter, with repeated keys and commas', async () => {
    const fields = { eventType: 'event', objectType: 'objectType', userId: 'userId', objectId: 'objectId' }
    const byField = Object.entries(fields).map(([name, field]) => [name, field, common(truth, field, 3)])
    for (const [name, field, values] of byField) {
      const wanted = truth.filter((record) => values.includes(record[field]))
      assert.ok(wanted.length > 0 && wanted.length < truth.length, name)
      assertSame(await toTheEnd(client, { [name]: values, limit: 50 }), wanted)
      assertSame(await toTheEnd(client, { [name]: [values.join(',')] }), wanted)
    }
    const [[, , eventType], [, , objectType]] = byField
    const both = truth.filter((r) => eventType.includes(r.event) && objectType.includes(r.objectType))
    assertSame(await toTheEnd(client, { eventType, objectType }), both)
  })

  test('both orders', async () => {
    assertSame(await toTheEnd(client, { sort: ['timestamp'] }), truth)
    const newestFirst = await toTheEnd(client, { sort: ['-timestamp'] })
    assert.deepEqual(newestFirst.map(plain).sort(), truth.map(plain).sort())
    const times = newestFirst.map((event) => event.timestamp.getTime())
    assert.deepEqual(times, [...times].sort((a, b) => b - a))
  })

  test('bounds in time', async () => {
    const [from, to] = [truth[100].timestamp, truth[400].timestamp].map((text) => new Date(text))
    const wanted = truth.filter((r) => new Date(r.timestamp) > from && new Date(r.timestamp) < to)
    for (const write of [(time) => time.toISOString(), (time) => String(time.getTime())]) {
      assertSame(await toTheEnd(client, { after: write(from), before: write(to) }), wanted)
    }
  })

  test('refusals of the request and the token', async () => {
    await assert.rejects(getPage(client, { sort: ['objectId'] }), refused(400, /VALIDATION_ERROR/))
    await assert.rejects(getPage(client, { limit: 0 }), refused(400, /limit/))
    const stranger = clientOf(account, { accessToken: 'pat-na1-other' })
    await assert.rejects(getPage(stranger), refused(401, /INVALID_AUTHENTICATION/))
  })
})

describe('what only the emulator has', () => {
  let account, truth, client
  before(async () => {
    account = await emulated()
    truth = await account.truth()
    client = clientOf(account)
  })
  after(() => account.close())

  test('people and token', async () => {
    const users = []
    for (let after; ; ) {
      const page = await client.settings.users.usersApi.getPage(5, after)
      users.push(...page.results)
      after = page.paging?.next?.after
      if (!after) break
    }
    const owners = (await client.crm.owners.ownersApi.getPage()).results
    assert.deepEqual(users.map((user) => user.id).sort(), owners.map((owner) => String(owner.userId)).sort())
    owners.push(...(await client.crm.owners.ownersApi.getPage(undefined, undefined, 100, true)).results)
    const names = new Map(owners.map((o) => [String(o.userIdIncludingInactive), `${o.firstName} ${o.lastName}`.trim()]))
    for (const record of truth) assert.equal(names.get(record.userId), record.fullName)
    const path = '/oauth/v2/private-apps/get/access-token-info'
    const info = await client.apiRequest({ method: 'POST', path, body: { tokenKey: TOKEN } })
    assert.ok((await info.json()).scopes.includes('content'))
  })

  test('export', async () => {
    const body = {
      email: 'analyst@example.com', format: 'CSV', portalId: 1, recipientUserIds: [1],
      shouldMarkExportFileAsSensitive: true, type: 'AUDIT_LOGS',
    }
    const answer = await client.apiRequest({ method: 'POST', path: '/cms/audit-logs/2026-09/export', body })
    assert.equal(answer.status, 204)
  })
})

describe('refusals', () => {
  async function withAccount(flags, check) {
    const account = await start(flags, 20)
    try {
      await check(account)
    } finally {
      await account.close()
    }
  }

  test('a scope that is missing', () => withAccount(['--scopes', 'oauth'], async (account) => {
    await assert.rejects(getPage(clientOf(account)), refused(403, /"requiredGranularScopes":\["content"\]/))
  }))

  test('a version that is gone', () => withAccount(['--gone', 'v3'], async (account) => {
    await assert.rejects(getPage(clientOf(account)), refused(404, /OBJECT_NOT_FOUND/))
  }))

  test('the daily limit is not retried', () => withAccount(['--daily-limit', '1'], async (account) => {
    const client = clientOf(account, { numberOfApiCallRetries: 3 })
    await getPage(client)
    await assert.rejects(getPage(client), refused(429, /DAILY/))
    assert.equal(await account.requests(), 2)
  }))

  test('its retries get through the ten-secondly limit and a failing server', () =>
    withAccount(['--fault-first', '429-secondly,502', ...UNLIMITED], async (account) => {
      const client = clientOf(account, { numberOfApiCallRetries: 3 })
      assert.equal((await getPage(client)).results.length, 20)
      assert.equal(await account.requests(), 3)
    }))
})
