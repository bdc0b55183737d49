// Reference replication peer for interop tests and benchmarks.
//
//   node replicate-peer.mjs (--listen PORT | --connect PORT) --storage DIR
//        ( --create N --block-size B --seed HEX  |  --key KEY [--download] )
//        [options]
//
// Role of the data
//   --create N          make sure the log made from --seed has at least N blocks
//   --block-size B      size of each created block (default 1024)
//   --seed HEX          32-byte Ed25519 seed of the signer (64 hex digits)
//   --key KEY           public key (hex or z-base-32) of the log to open
//   --encryption-key HEX  32-byte key that blocks are encrypted with (64 hex digits)
//   --block-encryption  the encryption key is the block key itself
//   --download          fetch every block, then report
//   --range A-B         with --download: fetch only [A, B)
//   --get 1,5,9         fetch single blocks
//   --seek BYTES        resolve a byte offset
//   --linear            fetch in order (default is the library's random order)
//   --min-length N      wait until the log has at least N blocks before fetching
// Connection
//   --host H            default 127.0.0.1
//   --initiator 0|1     default: 1 with --connect, 0 with --listen
//   --passive           close the log after creating, so that it is
//                       attached only when the other side asks for it
//   --inflight MIN,MAX  request window of this peer (library default 16,512)
//   --push              allow pushed blocks
// Life cycle
//   --live              stay up; read commands from stdin, one per line:
//                         append N | truncate LEN | clear A B | get I | seek B
//                         has A B | download [A B] | push I | info | checksum | close | exit
//                         connect PORT | disconnect | release (the log) | reopen (it)
//                         try I (a get that gives up) | extension NAME TEXT | want-any A LENGTH
//                       and to do what peers should not:
//                         refuse I | refuse-as-old-peers-do I | serve (it again) | corrupt I (once)
//   --timeout SEC       give up after SEC seconds (default 120, 0 = never)
//   --no-checksum       skip hashing all blocks at the end
//
// Output: one JSON object per line on stdout, always with an "event" field.
// Created block i has byte j equal to (131 * i + 7 * j) mod 256.
// Exit code 0 on success, 1 on error or timeout.

import { createRequire } from 'module'
import crypto from 'crypto'
import net from 'net'
import readline from 'readline'

const require = createRequire(import.meta.url)
const Corestore = require('corestore')
const hcrypto = require('hypercore-crypto')
const codec = require('compact-encoding')
const messages = require('hypercore/messages')
const Replicator = require('hypercore/lib/replicator')
const { wire } = require('hypercore/lib/messages')

const FLAGS = new Set(['download', 'linear', 'passive', 'live', 'push', 'no-checksum', 'block-encryption', 'help'])
const args = {}
for (let i = 2; i < process.argv.length; i++) {
  const a = process.argv[i]
  if (!a.startsWith('--')) fail('unexpected argument ' + a)
  const name = a.slice(2)
  if (FLAGS.has(name)) args[name] = true
  else args[name] = process.argv[++i]
}

if (args.help || (args.listen === undefined && args.connect === undefined) || !args.storage) {
  console.error('usage: replicate-peer.mjs (--listen PORT | --connect PORT) --storage DIR (--create N --block-size B --seed HEX | --key KEY [--download]) [--live]')
  process.exit(args.help ? 0 : 1)
}

const started = process.hrtime.bigint()
const ms = () => Number((process.hrtime.bigint() - started) / 1000n) / 1000
const hex = (b) => (b ? Buffer.from(b).toString('hex') : null)

function emit (event, fields = {}) {
  process.stdout.write(JSON.stringify({ event, t: Math.round(ms() * 10) / 10, ...fields }) + '\n')
}

function fail (message, extra = {}) {
  emit2('error', { message, ...extra })
  process.exit(1)
}

function emit2 (event, fields) {
  process.stdout.write(JSON.stringify({ event, ...fields }) + '\n')
}

process.on('uncaughtException', (err) => fail(err.message, { code: err.code || null, stack: err.stack }))
process.on('unhandledRejection', (err) => fail(err.message, { code: err.code || null, stack: err.stack }))

const timeout = Number(args.timeout === undefined ? 120 : args.timeout)
if (timeout > 0) setTimeout(() => fail('timeout after ' + timeout + ' s'), timeout * 1000).unref()

function makeBlock (i, size) {
  const b = Buffer.allocUnsafe(size)
  const base = 131 * i
  for (let j = 0; j < size; j++) b[j] = (base + 7 * j) & 255
  return b
}

const store = new Corestore(args.storage)
await store.ready()

const blockSize = Number(args['block-size'] || 1024)
const coreOpts = {}
if (args.inflight) coreOpts.inflightRange = args.inflight.split(',').map(Number)
if (args.push) coreOpts.allowPush = true
if (args['encryption-key']) {
  coreOpts.encryption = { key: Buffer.from(args['encryption-key'], 'hex'), block: !!args['block-encryption'] }
}
if (args.passive) coreOpts.notDownloadingLinger = 0

let core
if (args.key) {
  core = store.get({ ...coreOpts, key: args.key })
} else {
  if (!args.seed || !/^[0-9a-f]{64}$/i.test(args.seed)) fail('--seed must be 64 hex digits')
  core = store.get({ ...coreOpts, keyPair: hcrypto.keyPair(Buffer.from(args.seed, 'hex')) })
}
await core.ready()

async function appendBlocks (n) {
  for (let left = n; left > 0;) {
    const batch = []
    for (let i = 0; i < Math.min(left, 1024); i++) batch.push(makeBlock(core.length + i, blockSize))
    await core.append(batch)
    left -= batch.length
  }
}

if (args.create !== undefined && !args.key) {
  const t0 = ms()
  const missing = Math.max(0, Number(args.create) - core.length)
  await appendBlocks(missing)
  emit('created', { appended: missing, ms: Math.round(ms() - t0) })
}

async function info () {
  return {
    key: hex(core.key),
    id: core.id,
    discoveryKey: hex(core.discoveryKey),
    length: core.length,
    byteLength: core.byteLength,
    contiguousLength: core.contiguousLength,
    fork: core.fork,
    writable: core.writable,
    treeHash: core.length ? hex(core.state.hash()) : null,
    manifest: core.manifest ? hex(codec.encode(messages.manifest, core.manifest)) : null,
    peers: core.peers.length
  }
}

async function checksum (start, end) {
  const h = crypto.createHash('sha256')
  let bytes = 0
  let blocks = 0
  for (let i = start; i < end; i++) {
    const b = await core.get(i, { wait: false })
    if (b === null) return { sha256: null, firstMissing: i, blocks, bytes }
    h.update(b)
    bytes += b.byteLength
    blocks++
  }
  return { sha256: h.digest('hex'), blocks, bytes }
}

emit('ready', await info())

core.on('append', () => emit('append', { length: core.length, fork: core.fork }))
core.on('truncate', (ancestors, fork) => emit('truncate', { ancestors, fork, length: core.length }))
core.on('peer-add', () => emit('peer-add', { peers: core.peers.length }))
core.on('peer-remove', () => emit('peer-remove', { peers: core.peers.length }))
core.on('verification-error', (err) => emit('verification-error', { message: err.message, code: err.code || null }))
core.on('conflict', (length, fork) => emit('conflict', { length, fork }))
let downloaded = 0
let uploaded = 0
core.on('download', () => { downloaded++ })
core.on('upload', () => { uploaded++ })

if (args.passive) {
  await core.close()
  emit('passive')
}

const wantsWork = args.download || args.range || args.get || args.seek
let closing = false
let doneResolve
const firstConnectionClosed = new Promise((resolve) => { doneResolve = resolve })
let connectedResolve
const connected = new Promise((resolve) => { connectedResolve = resolve })

function attach (socket, isInitiator) {
  socket.setNoDelay(true)
  const s = store.replicate(isInitiator)
  const noise = s.noiseStream
  noise.opened.then((ok) => {
    if (!ok) return
    emit('connected', { initiator: isInitiator, remotePublicKey: hex(noise.remotePublicKey), handshakeHash: hex(noise.handshakeHash) })
    connectedResolve()
  })
  s.on('error', (err) => { if (!closing) emit('stream-error', { message: err.message, code: err.code || null }) })
  socket.on('error', (err) => { emit('socket-error', { message: err.message, code: err.code || null }); s.destroy() })
  s.on('close', () => {
    socket.destroy()
    emit('disconnected', { bytesRead: socket.bytesRead, bytesWritten: socket.bytesWritten, uploaded, downloaded })
    doneResolve()
    if (wantsWork && !closing && !args.live && args.connect !== undefined) fail('connection lost before the work was done')
  })
  socket.pipe(s).pipe(socket)
  return socket
}

const flag = (v, d) => (v === undefined ? d : v === '1' || v === 'true')
let server = null
const sockets = new Set()
const track = (socket) => {
  sockets.add(socket)
  socket.on('close', () => sockets.delete(socket))
}
if (args.listen !== undefined) {
  server = net.createServer((socket) => track(attach(socket, flag(args.initiator, false))))
  await new Promise((resolve) => server.listen(Number(args.listen), args.host || '127.0.0.1', resolve))
  emit('listening', { port: server.address().port })
} else {
  const socket = net.connect(Number(args.connect), args.host || '127.0.0.1')
  track(attach(socket, flag(args.initiator, true)))
}

async function waitLength (n) {
  while (core.length < n) {
    await core.update({ wait: true })
    if (core.length < n) await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function download (start, end) {
  const before = downloaded
  const t0 = ms()
  await core.download({ start, end, linear: !!args.linear }).done()
  const took = ms() - t0
  const n = downloaded - before
  const sum = args['no-checksum'] ? null : await checksum(start, end)
  emit('downloaded', {
    start,
    end,
    blocks: n,
    ms: Math.round(took * 10) / 10,
    blocksPerSecond: took > 0 ? Math.round((n / took) * 1000) : null,
    checksum: sum,
    ...(await info())
  })
}

let refusing = -1
const onrequest = Replicator.Peer.prototype.onrequest
Replicator.Peer.prototype.onrequest = function (msg) {
  if (!msg.block || msg.block.index !== refusing) return onrequest.call(this, msg)
  this.wireNoData.send({ request: msg.id, reason: 1 })
  emit('refused', { index: msg.block.index })
}

function refuse (index, asOldPeersDo) {
  refusing = index
  if (asOldPeersDo) {
    wire.noData.preencode = (state, m) => codec.uint.preencode(state, m.request)
    wire.noData.encode = (state, m) => codec.uint.encode(state, m.request)
  }
  emit('refusing', { index })
}

function corrupt (index) {
  let done = false
  for (const peer of core.peers) {
    const send = peer.wireData.send
    peer.wireData.send = (m, session) => {
      if (!done && m.block && m.block.index === index) {
        done = true
        const value = Buffer.from(m.block.value)
        value[0] ^= 1
        m = { ...m, block: { ...m.block, value } }
        emit('corrupted', { index })
      }
      return send.call(peer.wireData, m, session)
    }
  }
  emit('corrupting', { index })
}

function wantAny (start, length) {
  for (const peer of core.peers) {
    const onrange = peer.onrange
    peer.onrange = (range) => {
      emit('range', range)
      return onrange.call(peer, range)
    }
    peer.wireWant.send({ start, length, any: true })
  }
  emit('wanted', { start, length })
}

async function shutdown (code) {
  closing = true
  for (const s of sockets) s.destroy()
  if (server) server.close()
  await store.close().catch(() => {})
  emit('exit', { code })
  process.exit(code)
}

async function command (line) {
  const [cmd, ...rest] = line.trim().split(/\s+/)
  const n = rest.map(Number)
  switch (cmd) {
    case '': return
    case 'append': await appendBlocks(n[0] || 1); return emit('appended', await info())
    case 'truncate': await core.truncate(n[0] || 0); return emit('truncated', await info())
    case 'clear': await core.clear(n[0], n[1]); return emit('cleared', { start: n[0], end: n[1] })
    case 'get': {
      const b = await core.get(n[0])
      return emit('got', { index: n[0], bytes: b.byteLength, sha256: crypto.createHash('sha256').update(b).digest('hex') })
    }
    case 'seek': {
      const r = await core.seek(n[0])
      return emit('seeked', { bytes: n[0], index: r && r[0], offset: r && r[1] })
    }
    case 'has': return emit('has', { start: n[0], end: n[1], has: await core.has(n[0], n[1]) })
    case 'download': return download(n.length ? n[0] : 0, n.length > 1 ? n[1] : core.length)
    case 'push': await core.core.replicator.push(n[0]); return emit('pushed', { index: n[0] })
    case 'info': return emit('info', { ...(await info()), downloaded, uploaded })
    case 'checksum': return emit('checksum', await checksum(0, core.length))
    case 'try': {
      const b = await core.get(n[0], { timeout: 300 }).catch(() => null)
      return emit('tried', { index: n[0], got: b !== null })
    }
    case 'extension':
      core.registerExtension(rest[0]).broadcast(Buffer.from(rest[1] || ''))
      return emit('extended', { name: rest[0] })
    case 'want-any': return wantAny(n[0], n[1])
    case 'refuse': return refuse(n[0], false)
    case 'refuse-as-old-peers-do': return refuse(n[0], true)
    case 'serve': refusing = -1; return emit('serving')
    case 'corrupt': return corrupt(n[0])
    case 'connect': return void track(attach(net.connect(n[0], args.host || '127.0.0.1'), true))
    case 'disconnect': for (const s of sockets) s.destroy(); return emit('disconnecting')
    case 'release': await core.close(); return emit('released')
    case 'reopen': {
      core = store.get({ ...coreOpts, key: core.key })
      await core.ready()
      return emit('reopened', await info())
    }
    case 'close': closing = true; for (const s of sockets) s.destroy(); return emit('closed')
    case 'exit': return shutdown(0)
    default: return emit('bad-command', { line })
  }
}

if (wantsWork) {
  await connected
  const [a, b] = args.range ? args.range.split('-').map(Number) : [0, -1]
  await waitLength(Number(args['min-length'] || (args.range ? b : 1)))
  if (args.seek) await command('seek ' + args.seek)
  if (args.get) for (const i of args.get.split(',')) await command('get ' + i)
  if (args.download || args.range) await download(a, b === -1 ? core.length : b)
  if (!args.live) await shutdown(0)
}

if (args.live) {
  const rl = readline.createInterface({ input: process.stdin })
  let tail = Promise.resolve()
  rl.on('line', (line) => {
    tail = tail.then(() => command(line)).catch((err) => emit('command-error', { line, message: err.message, code: err.code || null }))
  })
} else if (!wantsWork) {
  await firstConnectionClosed
  await shutdown(0)
}
