// A member of a multisig team that uses the published packages: requests, signs, commits, seeds.
//
//   node multisig-peer.mjs --storage DIR [--listen PORT] [--connect HOST:PORT ...]
//
// Output: one JSON object per line; field "event" is one of ready, listening, reply, error.
// Stdin: one JSON command per line, field "cmd", with an "id" that the reply repeats. CONFIG is
// {publicKeys, namespace, quorum}; texts are z-base-32, keys as in links.
//   request {config, source, length, legacy}            reply {request}
//   sign {request, key, password}                       reply {response}; by hypercore-sign-lib
//   sign-old {request, key, publicKey, password}        reply {response}; by hypercore-sign 3.0, which knows
//                                                       key files of version 0 and requests up to version 2
//   commit {config, source, request, responses, first}  reply {key, length, treeHash}; waits for two seeders
//   verify {config, source, request, responses, first}  reply {quorum}
//   read {key, length}                                  reply {length, treeHash, blobsTreeHash, files}; fetches all

import { createRequire } from 'node:module'
import net from 'node:net'
import path from 'node:path'
import readline from 'node:readline'

const require = createRequire(import.meta.url)
const Corestore = require('corestore')
const Hyperdrive = require('hyperdrive')
const HyperMultisig = require('hyper-multisig')
const SignLib = require('hypercore-sign-lib')
const ID = require('hypercore-id-encoding')
const crypto = require('hypercore-crypto')
const sodium = require('sodium-native')
const z32 = require('z32')

const TIMEOUT = 60000

const args = { connect: [] }
for (let i = 2; i < process.argv.length; i += 2) {
  const name = process.argv[i].replace(/^--/, '')
  if (name === 'connect') args.connect.push(process.argv[i + 1])
  else args[name] = process.argv[i + 1]
}

const say = (event, fields) => process.stdout.write(JSON.stringify({ event, ...fields }) + '\n')

const store = new Corestore(args.storage)
const drives = new Map()
const multisig = new HyperMultisig(store, { join() {} })

function attach(socket, isInitiator) {
  socket.setNoDelay(true)
  const stream = store.replicate(isInitiator)
  socket.pipe(stream).pipe(socket)
  stream.on('error', () => socket.destroy())
  socket.on('error', () => stream.destroy())
  socket.on('close', () => stream.destroy())
}

// A drive that stays open, so that peers see it.
async function open(key) {
  if (!drives.has(key)) {
    const drive = new Hyperdrive(store.session(), ID.decode(key))
    drives.set(key, drive)
    await drive.ready()
  }
  return drives.get(key)
}

function locked(password) {
  const text = Buffer.from(password)
  const pwd = sodium.sodium_malloc(text.byteLength)
  text.copy(pwd)
  return pwd
}

async function signOld({ request, key, publicKey, password }) {
  const home = path.dirname(require.resolve('hypercore-sign/package.json'))
  const own = createRequire(path.join(home, 'index.js'))
  const { sign } = own('./lib/secure')
  const { Response } = own('./lib/messages')
  const bytes = z32.decode(request)
  const req = own('hypercore-signing-request').decode(bytes)
  const pub = z32.decode(publicKey)
  const pwd = locked(password)
  sodium.sodium_mprotect_noaccess(pwd)
  const signatures = sign(own('hypercore-signing-request').signable(pub, req), z32.decode(key), pwd)
  const response = { version: req.version, requestHash: crypto.hash(bytes), publicKey: pub, signatures }
  return { response: z32.encode(own('compact-encoding').encode(Response, response)) }
}

async function committing(name, { config, source, request, responses, first }) {
  const run = multisig[name](config.publicKeys, config.namespace, await open(source), request, responses, {
    quorum: config.quorum,
    skipTargetChecks: !!first,
    peerUpdateTimeout: TIMEOUT
  })
  const done = await run.done()
  return {
    quorum: done.quorum,
    key: ID.encode(done.core.key),
    length: done.core.length,
    treeHash: (await done.core.treeHash()).toString('hex')
  }
}

async function read({ key, length }) {
  const drive = await open(key)
  while (drive.core.length < length) {
    await drive.update({ wait: true })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const blobs = await drive.getBlobs()
  await drive.core.download({ start: 0, end: drive.core.length }).done()
  const needed = await drive.getBlobsLength(length)
  while (blobs.core.length < needed) {
    await blobs.core.update({ wait: true })
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await blobs.core.download({ start: 0, end: blobs.core.length }).done()
  const files = {}
  for await (const entry of drive.list('/')) {
    files[entry.key] = crypto.hash(await drive.get(entry)).toString('hex')
  }
  return {
    length: drive.core.length,
    treeHash: (await drive.core.treeHash()).toString('hex'),
    blobsTreeHash: (await blobs.core.treeHash()).toString('hex'),
    files
  }
}

async function command(m) {
  switch (m.cmd) {
    case 'request': {
      const drive = await open(m.source)
      while (drive.core.length < m.length) {
        await drive.update({ wait: true })
        // An update that asks nobody ends at once: what peers say must be heard in between.
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      const run = multisig.requestDrive(m.config.publicKeys, m.config.namespace, drive, m.length, {
        quorum: m.config.quorum,
        legacy: !!m.legacy,
        peerUpdateTimeout: TIMEOUT
      })
      return { request: z32.encode((await run.done()).request) }
    }
    case 'sign': {
      const response = await SignLib.sign(z32.decode(m.request), z32.decode(m.key), locked(m.password))
      SignLib.verify(response, z32.decode(m.request), SignLib.getKeyInfo(z32.decode(m.key)).publicKey)
      return { response: z32.encode(response) }
    }
    case 'sign-old':
      return signOld(m)
    case 'commit':
      return committing('commitDrive', m)
    case 'verify':
      return committing('verifyDrive', m)
    case 'read':
      return read(m)
    default:
      throw new Error('Unknown command: ' + m.cmd)
  }
}

await store.ready()
if (args.listen !== undefined) {
  const server = net.createServer((socket) => attach(socket, false))
  server.listen(Number(args.listen), '127.0.0.1', () => say('listening', { port: server.address().port }))
}
for (const target of args.connect) {
  const [host, port] = target.split(':')
  const socket = net.connect(Number(port), host)
  socket.once('connect', () => attach(socket, true))
  socket.once('error', (err) => say('error', { message: err.message }))
}
say('ready', {})

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const m = JSON.parse(line)
  command(m).then(
    (r) => say('reply', { id: m.id, ...r }),
    (err) => say('error', { id: m.id, message: err.message, code: err.code || null, stack: err.stack })
  )
})
