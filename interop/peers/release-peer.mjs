// Follows the steps of a release on hyperdrive, to be compared with the same steps done by Espalier.
//
//   node release-peer.mjs --storage DIR [--listen PORT]
//
// Output: one JSON object per line, with a field "event": listening, reply, error.
//
// Stdin: one JSON command per line, field "cmd"; "id" is echoed in the reply.
//   touch {}                                          a new drive; replies with its key
//   stage {drive, dir, dedup?}                        makes the drive equal to a folder, one batch
//   put {drive, field, value}                         a key of the tree beside the files
//   provision {source, length, target, production}    production's blocks, then one batch, then the fields
//   state {drive}                                     lengths, forks and tree hashes of both cores
//   exit {}
// Drives are named by their keys in hex. Replies of stage and provision have "diff", a list of {op, key, removed, added}.

import { createRequire } from 'node:module'
import { randomBytes } from 'node:crypto'
import net from 'node:net'
import readline from 'node:readline'

const require = createRequire(import.meta.url)
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')
const Localdrive = require('localdrive')
const MirrorDrive = require('mirror-drive')

const FIELDS = ['manifest', 'metadata', 'platformVersion']

const argument = (name) => {
  const at = process.argv.indexOf('--' + name)
  return at < 0 ? null : process.argv[at + 1]
}
const say = (event, fields = {}) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n')

const store = new Corestore(argument('storage'))
await store.ready()
const drives = new Map()

if (argument('listen') !== null) {
  const server = net.createServer((socket) => {
    const stream = store.replicate(false)
    stream.on('error', () => {})
    socket.on('error', () => {})
    socket.pipe(stream).pipe(socket)
  })
  server.listen(Number(argument('listen')), '127.0.0.1', () => say('listening', { port: server.address().port }))
}

async function touch() {
  const drive = new Hyperdrive(store.namespace(randomBytes(16).toString('hex')))
  await drive.ready()
  const key = drive.key.toString('hex')
  drives.set(key, drive)
  return { key }
}

// A folder in the order of the bytes of its paths, whatever the operating system lists first.
function sorted(dir) {
  const local = new Localdrive(dir)
  const list = local.list.bind(local)
  local.list = async function* (...args) {
    const entries = []
    for await (const entry of list(...args)) entries.push(entry)
    entries.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)))
    yield* entries
  }
  return local
}

async function mirror(from, to, options) {
  const diff = []
  for await (const { op, key, bytesRemoved, bytesAdded } of new MirrorDrive(from, to, options)) {
    diff.push({ op, key, removed: bytesRemoved, added: bytesAdded })
  }
  return diff
}

async function provision({ source, length, target, production }) {
  const from = drives.get(source)
  const to = drives.get(target)
  const prod = drives.get(production)
  while (to.core.length < prod.core.length) await to.core.append(await prod.core.get(to.core.length))
  const bytes = await to.getBlobs()
  if (prod.core.length > 0) {
    const other = await prod.getBlobs()
    while (bytes.core.length < other.core.length) await bytes.core.append(await other.core.get(bytes.core.length))
  }
  const staged = from.checkout(length || from.core.length)
  await staged.ready()
  const diff = await mirror(staged, to, { dryRun: true, batch: true })
  await mirror(staged, to, { batch: true })
  for (const field of FIELDS) {
    const src = await staged.db.get(field)
    const dst = await to.db.get(field)
    if (!src && dst) await to.db.del(field)
    else if (src && (!dst || JSON.stringify(src.value) !== JSON.stringify(dst.value))) await to.db.put(field, src.value)
  }
  return { diff }
}

async function state({ drive }) {
  const it = drives.get(drive)
  const blobs = (await it.getBlobs()).core
  const half = async (core) => ({
    length: core.length,
    fork: core.fork,
    treeHash: Buffer.from(await core.treeHash()).toString('hex')
  })
  return { db: await half(it.core), blobs: await half(blobs) }
}

async function run(command) {
  switch (command.cmd) {
    case 'touch':
      return touch()
    case 'stage':
      return { diff: await mirror(sorted(command.dir), drives.get(command.drive), { batch: true, dedup: !!command.dedup }) }
    case 'put':
      await drives.get(command.drive).db.put(command.field, command.value)
      return {}
    case 'provision':
      return provision(command)
    case 'state':
      return state(command)
    case 'exit':
      process.exit(0)
  }
  throw new Error('Unknown command: ' + command.cmd)
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  try {
    say('reply', { id: command.id, ...(await run(command)) })
  } catch (error) {
    say('error', { id: command.id, message: String(error.stack) })
  }
}
