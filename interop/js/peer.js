// A libp2p node with a Kademlia DHT on js-libp2p, fit for a Spegel cluster. Tests steer it: it reads requests from standard input
// and writes answers to standard output, one JSON object a line (see docs/interoperability.md).
import './compat.js' // first, as the others use it while they load
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { generateKeyPair, generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify, identifyPush } from '@libp2p/identify'
import { kadDHT, passthroughMapper } from '@libp2p/kad-dht'
import { peerIdFromString } from '@libp2p/peer-id'
import { ping } from '@libp2p/ping'
import { preSharedKey } from '@libp2p/pnet'
import { tcp } from '@libp2p/tcp'
import { tls } from '@libp2p/tls'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { CID } from 'multiformats/cid'
import { sha256 } from 'multiformats/hashes/sha2'

const RAW = 0x55
const LOOPBACK = /^\/ip(4\/127\.|6\/::1\/)/
// A request may take this long; tests have shorter limits of their own.
const REQUEST_LIMIT_MILLIS = 60_000

const { values: flags } = parseArgs({
  options: {
    listen: { type: 'string', default: '0.0.0.0:5001' },
    seed: { type: 'string', default: '' },
    security: { type: 'string', default: 'noise,tls' },
    'psk-file': { type: 'string', default: '' } // the key of a private network
  }
})

function write (line) {
  process.stdout.write(JSON.stringify(line) + '\n')
}

function encrypters () {
  const known = { noise, tls }
  return flags.security.split(',').map(name => {
    if (known[name] == null) {
      throw new Error(`security is tls or noise, got "${name}"`)
    }
    return known[name]()
  })
}

async function start () {
  const [host, port] = flags.listen.split(':')
  return createLibp2p({
    privateKey: flags.seed === ''
      ? await generateKeyPair('Ed25519')
      : await generateKeyPairFromSeed('Ed25519', Buffer.from(flags.seed, 'hex')),
    addresses: {
      listen: [`/ip4/${host}/tcp/${port}`],
      announceFilter: addresses => addresses.filter(address => !LOOPBACK.test(address.toString()))
    },
    transports: [tcp()],
    connectionEncrypters: encrypters(),
    streamMuxers: [yamux()],
    connectionProtector: flags['psk-file'] === '' ? undefined : preSharedKey({ psk: readFileSync(flags['psk-file']) }),
    nodeInfo: { userAgent: 'spegel-interop-js' },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping({ maxOutboundStreams: 2 }), // a stream of an earlier ping may not have closed yet
      dht: kadDHT({
        protocol: '/spegel/kad/1.0.0',
        clientMode: false,
        peerInfoMapper: passthroughMapper // the default leaves private addresses out, and a cluster has no others
      })
    }
  })
}

// Names content in the DHT: the SHA-256 of its name, as the hash of a raw CID.
async function keyOf (name) {
  return CID.createV1(RAW, await sha256.digest(new TextEncoder().encode(name)))
}

const texts = addresses => addresses.map(address => address.toString())

const requests = {
  async connect (node, { address }, signal) {
    const connection = await node.dial(multiaddr(address), { signal })
    return { peer: connection.remotePeer.toString() }
  },
  async disconnect (node, { peer }) {
    await node.hangUp(peerIdFromString(peer))
    return {}
  },
  async refresh (node, asked, signal) {
    await node.services.dht.refreshRoutingTable({ signal })
    return {}
  },
  async table (node) {
    return { peers: [...node.services.dht.routingTable.kb.toIterable()].map(({ peerId }) => peerId.toString()) }
  },
  async connections (node) {
    return {
      connections: node.getConnections().map(c => ({
        peer: c.remotePeer.toString(),
        remote: c.remoteAddr.toString(),
        direction: c.direction,
        security: c.encryption,
        muxer: c.multiplexer,
        streams: c.streams.length,
        seconds: Math.floor((Date.now() - c.timeline.open) / 1000)
      }))
    }
  },
  async known (node, { peer }) {
    const { addresses, protocols } = await node.peerStore.get(peerIdFromString(peer))
    return { addresses: addresses.map(({ multiaddr }) => multiaddr.toString()), protocols }
  },
  async provide (node, { keys }, signal) {
    for (const key of keys) {
      const failures = []
      let sent = 0
      for await (const event of node.services.dht.provide(await keyOf(key), { signal })) {
        if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') {
          sent++
        } else if (event.name === 'QUERY_ERROR') {
          failures.push(event.error.message)
        }
      }
      if (sent === 0) {
        throw new Error(`nobody took "${key}": ${failures.join('; ')}`)
      }
    }
    return {}
  },
  async withdraw (node, { keys }) {
    for (const key of keys) {
      await node.services.dht.cancelReprovide(await keyOf(key))
    }
    return {}
  },
  async find (node, { key, count }, signal) {
    const started = performance.now()
    const found = new Map()
    search: for await (const event of node.services.dht.findProviders(await keyOf(key), { signal })) {
      if (event.name !== 'PROVIDER') {
        continue
      }
      for (const provider of event.providers) {
        if (!provider.id.equals(node.peerId)) {
          found.set(provider.id.toString(), texts(provider.multiaddrs))
        }
        if (count > 0 && found.size >= count) {
          break search
        }
      }
    }
    return {
      providers: [...found].map(([peer, addresses]) => ({ peer, addresses })),
      micros: Math.round((performance.now() - started) * 1000)
    }
  },
  async ping (node, { peer }, signal) {
    const millis = await inTurn(peer, () => node.services.ping.ping(peerIdFromString(peer), { signal }))
    return { micros: Math.round(millis * 1000) }
  }
}

// The last ping of each peer: js-libp2p refuses a further stream where others would wait for their turn.
const pings = new Map()

async function inTurn (peer, ping) {
  const turn = (pings.get(peer) ?? Promise.resolve()).then(ping)
  pings.set(peer, turn.catch(() => {})) // whoever asked for it is told
  return turn
}

async function answer (node, asked) {
  if (!Object.hasOwn(requests, asked.do)) {
    throw new Error(`there is no request "${asked.do}"`)
  }
  return requests[asked.do](node, asked, AbortSignal.timeout(REQUEST_LIMIT_MILLIS))
}

const node = await start()
write({ event: 'started', peer: node.peerId.toString(), addresses: texts(node.getMultiaddrs()).map(a => a.replace(/\/p2p\/.*/, '')) })
const lines = createInterface({ input: process.stdin })
for await (const line of lines) {
  const asked = JSON.parse(line)
  if (asked.do === 'quit') {
    break
  }
  answer(node, asked)
    .then(result => write({ id: asked.id, ...result }))
    .catch(error => write({ id: asked.id, error: error.message }))
}
await node.stop()
process.exit(0)
